"""The ledger, as an officer reads it: sentences, instants, and opaque ids instead of names."""

from django.http import Http404
from django.shortcuts import render

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.audit.events import REGISTRY
from consent.audit.models import Entry

ENTRIES_A_PAGE = 50


class Ledger(PermissionView):
    """Newest first. Pages go by the last id seen, so that new entries shift nothing from under the reader."""

    permission = Permission.READ_LEDGER

    def get(self, request):
        event = request.GET.get("event", "")
        entries = Entry.objects.filter(event=event) if event else Entry.objects.all()
        shown = list(_older_than(request.GET.get("before"), entries).order_by("-pk")[: ENTRIES_A_PAGE + 1])
        context = {
            "entries": shown[:ENTRIES_A_PAGE],
            "older": shown[ENTRIES_A_PAGE - 1].pk if len(shown) > ENTRIES_A_PAGE else None,
            "count": entries.count(),
            "event": event,
            "events": sorted(REGISTRY),
            "is_first_page": "before" not in request.GET,
        }
        return render(request, "compliance/ledger.html", context)


def _older_than(before, entries):
    if before is None:
        return entries
    if not before.isdecimal() or len(before) > len(str(2**63)) - 1:
        raise Http404
    return entries.filter(pk__lt=int(before))
