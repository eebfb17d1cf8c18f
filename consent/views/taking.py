"""Take my data: ordered with one press, watched, cancelled, and downloaded as often as its owner likes for a week."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.views.resuming import resumable_file
from consent.domain import export_files
from consent.domain.access_exports import cancel_access_export, newest_of, order_access_export, ready_for, unmet_of
from consent.domain.export_files import FileLost, state_of
from consent.models import AccessExport
from consent.states import ExportState
from consent.views.mine import MineView

GONE = "This file is no longer there: its week is over, you took back a yes, or a newer one took its place."
LOST = "The file is not where it was put. Make it again; if that goes wrong too, tell the operator."


class Take(MineView):
    """What is in the file, how far it is, and the file itself."""

    def get(self, request):
        return _page(request)

    def post(self, request):
        order_access_export(request.user, by=request.user, at=timezone.now())
        return redirect("mine:take")


class Cancel(MineView):
    def post(self, request, pk):
        cancel_access_export(_own_or_404(request, pk), by=request.user, at=timezone.now())
        messages.info(request, "It was asked to stop.")
        return redirect("mine:take")


class File(MineView):
    """The file itself, from wherever a broken download left off."""

    def get(self, request, pk):
        export = _own_or_404(request, pk)
        state, path = state_of(export, at=timezone.now()), export_files.path_of(export.pk)
        if state == ExportState.EXPIRED:
            raise FileLost(GONE)
        if state != ExportState.READY:
            raise Http404
        if not path.exists():
            raise FileLost(LOST)
        name = f"my-data-{export.made_at:%Y-%m-%d}.zip"
        return resumable_file(request, path, name=name, media_type="application/zip", digest=export.sha256)


def _own_or_404(request, pk):
    return get_object_or_404(AccessExport.objects.select_related("job"), pk=pk, person=request.user)


def _page(request):
    now = timezone.now()
    newest = newest_of(request.user)
    state = state_of(newest, at=now) if newest else None
    context = {
        "export": newest,
        "job": newest.job if newest else None,
        "state": state,
        "is_making": state == ExportState.MAKING,
        "ready": ready_for(request.user, at=now),
        "owed": unmet_of(request.user).first(),
    }
    return render(request, "mine/take.html", context)
