"""After the account is gone: how far the erasure is, and its certificate. Open to whoever holds the link."""

from pathlib import Path

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from accounts.errors import DomainError
from accounts.views.base import refused
from consent.audit.offline import verify
from consent.domain.certificates import Certificate, certificate_of
from consent.domain.erasing import find_by_token
from consent.models import Erasure
from consent.states import Outcome

STEPS = {
    "erase_engagement": "Counts, scores and pauses were deleted",
    "erase_uses": "Records of who looked were deleted, and your own looks made nobody’s",
    "erase_choices": "Choices, searches and sealed texts were deleted",
    "erase_files": "Exports and mails on disk were deleted",
    "erase_account": "Account, addresses, roles, team and sessions were deleted",
}


@method_decorator(never_cache, name="dispatch")
class LinkView(View):
    """Base of the pages behind the link. The token stays in no header of what is opened from here."""

    def dispatch(self, request, *args, **kwargs):
        try:
            self.token = kwargs["token"]
            self.erasure = _found(self.token)
            answer = super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            answer = refused(request, error)
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer


class Left(LinkView):
    def get(self, request, token):
        certificate = certificate_of(self.erasure, token)
        context = {
            "erasure": self.erasure,
            "token": token,
            "is_active": not (certificate and certificate.proof and self.erasure.rewritten_at),
            "steps": [(STEPS.get(s.step, s.step), s) for s in self.erasure.steps.order_by("done_at", "pk")],
            "certificate": certificate,
            "outcome": Outcome(self.erasure.obligation.outcome).label if self.erasure.obligation.outcome else "",
        }
        return render(request, "left/left.html", context)


class CertificateView(LinkView):
    def certificate(self) -> Certificate:
        found = certificate_of(self.erasure, self.token)
        if found is None:
            raise NotYet("There is no certificate yet: it is written when nothing is left. Look again in a minute.")
        return found

    def file(self, content: str | bytes, kind: str, ending: str) -> HttpResponse:
        headers = {"Content-Disposition": f'attachment; filename="{self.erasure.reference}.{ending}"'}
        return HttpResponse(content, content_type=kind, headers=headers)


class CertificateFile(CertificateView):
    def get(self, request, token):  # noqa: ARG002 - the signature of all views
        return self.file(self.sealed().as_json(), "application/json", "json")

    def sealed(self) -> Certificate:
        found = self.certificate()
        if found.proof is None:
            raise NotYet("The certificate is written and is being sealed. Its proof is here in ten seconds.")
        return found


class CertificateProof(CertificateFile):
    def get(self, request, token):  # noqa: ARG002
        proof = self.sealed().proof
        return self.file(proof.text, "text/plain; charset=utf-8", "tlog-proof")


class CertificatePdf(CertificateView):
    """As PDF; where it cannot be drawn, as the page that can be printed."""

    def get(self, request, token):  # noqa: ARG002
        found = self.certificate()
        try:
            return self.file(found.as_pdf(), "application/pdf", "pdf")
        except (OSError, ImportError):
            return HttpResponse(found.as_html())


class Verifier(LinkView):
    """The program that checks certificates, as one file."""

    def get(self, request, token):  # noqa: ARG002
        headers = {"Content-Disposition": 'attachment; filename="verify.py"'}
        content = Path(verify.__file__).read_bytes()
        return HttpResponse(content, content_type="text/x-python; charset=utf-8", headers=headers)


def _found(token: str) -> Erasure:
    erasure = find_by_token(token)
    if erasure is None:
        raise UnknownLink("This link is not one of ours. Open it once more from the mail or the letter, in one piece.")
    return erasure


class UnknownLink(DomainError):
    """No erasure has this link."""

    status = 404


class NotYet(DomainError):
    """The certificate is still to come."""

    status = 404
    title = "Not yet"
