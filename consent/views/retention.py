"""How long everything is kept, and what goes next."""

from django.shortcuts import render
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.audit.models import Entry
from consent.domain.retention import kept

LAST_SHOWN = 10


class Retention(PermissionView):
    permission = Permission.SEE_DEADLINES

    def get(self, request):
        context = {
            "kept": kept(at=timezone.now()),
            "last": Entry.objects.filter(event="consent.purged").order_by("-at", "-pk")[:LAST_SHOWN],
        }
        return render(request, "compliance/retention.html", context)
