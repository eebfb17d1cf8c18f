"""The ledger, as an officer reads it: a search, entries as sentences, and each entry by itself."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView, permissions_for
from consent.audit.domain.proofs import proof_of
from consent.audit.domain.sealing import canonical
from consent.audit.domain.state import ledger_state
from consent.audit.models import Entry, Opening
from consent.domain.ledger_pages import read_entry, read_page
from consent.domain.ledger_query import QueryNotUnderstood
from consent.forms import FiltersForm, LedgerForm
from consent.models import SavedSearch

MOST_DIGITS = 18


class LedgerView(PermissionView):
    permission = Permission.READ_LEDGER


class Ledger(LedgerView):
    """Newest first. Pages go by the last entry seen, so that new entries shift nothing from under the reader."""

    def get(self, request):
        text = request.GET.get("q", "")
        before = _entry_or_404(request.GET["before"]) if "before" in request.GET else None
        context = {
            "text": text,
            "state": ledger_state(at=timezone.now()),
            "searches": SavedSearch.objects.visible_to(request.user).order_by("name", "pk"),
        }
        try:
            page = read_page(text, before=before, zone=timezone.get_current_timezone(), **_reader(request))
        except QueryNotUnderstood as wrong:
            form = LedgerForm({"q": text})
            form.add_error("q", str(wrong))
            context |= {"form": form, "filters": FiltersForm(initial={"q": ""})}
            return render(request, "compliance/ledger.html", context, status=wrong.status)
        context |= {
            "form": LedgerForm(initial={"q": text}),
            "filters": FiltersForm.of(page.query),
            "page": page,
            "is_first_page": before is None,
        }
        return render(request, "compliance/ledger.html", context | _names(request))


class WriteQuery(LedgerView):
    """The filters become a query, which then stands in the address like any other."""

    def get(self, request):
        form = FiltersForm(request.GET)
        text = str(form.query()) if form.is_valid() else request.GET.get("q", "")
        names = {"names": "on"} if request.GET.get("names") else {}
        return redirect(f"{reverse('compliance:ledger')}?{urlencode({'q': text} | names)}")


class EntryPage(LedgerView):
    """One entry: what happened, to whom, as it was recorded, and what proves it."""

    def get(self, request, pk):
        entry = get_object_or_404(Entry, pk=pk)
        context = {
            "line": read_entry(entry, **_reader(request)),
            "recorded": canonical(entry).decode(),
            "proof": proof_of(entry),
            "openings": Opening.objects.filter(entry_id=entry.pk).order_by("field"),
        }
        return render(request, "compliance/ledger_entry.html", context | _names(request))


class ProofFile(LedgerView):
    """The proof of one entry, for `verify.py` and every client of transparency logs (c2sp.org/tlog-proof)."""

    def get(self, request, pk):  # noqa: ARG002 - the signature is Django's
        proof = proof_of(get_object_or_404(Entry, pk=pk))
        if proof is None:
            raise Http404
        answer = HttpResponse(proof.text, content_type="text/plain; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="entry-{pk}.tlog-proof"'
        return answer


def _reader(request):
    return {"with_names": _wants_names(request), "by": request.user, "at": timezone.now()}


def _wants_names(request):
    return request.GET.get("names") == "on"


def _names(request):
    """Whether names are shown, whether they may be, and the same page the other way round."""
    query = request.GET.copy()
    if query.pop("names", None) is None:
        query["names"] = "on"
    return {
        "with_names": _wants_names(request),
        "may_name": Permission.NAME_PEOPLE in permissions_for(request),
        "other_way": f"?{query.urlencode()}",
    }


def _entry_or_404(number):
    if not (number.isdecimal() and len(number) <= MOST_DIGITS):
        raise Http404
    return get_object_or_404(Entry, pk=int(number))
