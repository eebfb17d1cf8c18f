"""How the ledger is sealed: what is, what waits, when it was last read through, and with what anybody can check it."""

from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.domain import jobs
from consent.audit.domain.keys import public_keys
from consent.audit.domain.proofs import newest_note
from consent.audit.domain.state import ledger_state
from consent.audit.models import Verification
from consent.audit.offline import verify
from consent.tasks import VERIFY
from consent.views.ledger import LedgerView

SHOWN = 10


class Seal(LedgerView):
    def get(self, request):
        context = {
            "state": ledger_state(at=timezone.now()),
            "keys": public_keys(),
            "note": newest_note(),
            "verifications": Verification.objects.order_by("-id")[:SHOWN],
        }
        return render(request, "compliance/ledger_seal.html", context)


class VerifyNow(LedgerView):
    """Have the whole ledger read through; the job's page shows how far it is."""

    def post(self, request):
        job = jobs.start(VERIFY, title="Verify the ledger", arguments={}, by=request.user, at=timezone.now())
        is_platform = request.tenant.schema_name == settings.PLATFORM_SCHEMA
        return redirect("platform:job" if is_platform else "manage:job", job.pk)


class Verifier(LedgerView):
    """The program that checks exports, as one file."""

    def get(self, request):  # noqa: ARG002 - the signature is Django's
        answer = HttpResponse(Path(verify.__file__).read_bytes(), content_type="text/x-python; charset=utf-8")
        answer.headers["Content-Disposition"] = 'attachment; filename="verify.py"'
        return answer
