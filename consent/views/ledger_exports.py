"""Exports of the ledger: asked for, watched, cancelled, downloaded, and made again when their week is over."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.domain import jobs
from accounts.views.resuming import resumable_file
from consent.domain import export_files
from consent.domain.export_files import FileLost, state_of
from consent.domain.ledger_exports import order_export
from consent.domain.ledger_formats import FORMATS
from consent.domain.ledger_query import QueryNotUnderstood
from consent.forms import ExportForm
from consent.models import LedgerExport
from consent.states import ExportState
from consent.views.ledger import LedgerView

EXPORTS_A_PAGE = 25


class Exports(LedgerView):
    """What was exported before, and the form for the next."""

    def get(self, request):
        return self._page(request, ExportForm(initial={"q": request.GET.get("q", ""), "format": "csv"}))

    def post(self, request):
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        zone = timezone.get_current_timezone()
        answers = form.cleaned_data
        try:
            export = order_export(
                answers["q"], format_name=answers["format"], by=request.user, at=timezone.now(), zone=zone
            )
        except QueryNotUnderstood as wrong:
            form.add_error("q", str(wrong))
            return self._page(request, form, status=422)
        return redirect("compliance:ledger_export", export.pk)

    def _page(self, request, form, status=200):
        exports = LedgerExport.objects.select_related("job").order_by("-requested_at", "pk")
        page = Paginator(exports, EXPORTS_A_PAGE).get_page(request.GET.get("page"))
        context = {"form": form, "page": page, "exports": [_told(export) for export in page]}
        return render(request, "compliance/ledger_exports.html", context, status=status)


class ExportPage(LedgerView):
    """One export, from waiting to expired."""

    def get(self, request, pk):
        return _export_page(request, _export_or_404(pk))


class CancelExport(LedgerView):
    def post(self, request, pk):
        export = _export_or_404(pk)
        if export.job is None:
            raise Http404
        jobs.request_cancel(export.job, by=request.user, at=timezone.now())
        messages.info(request, "It was asked to stop.")
        return redirect("compliance:ledger_export", pk)


class ExportFile(LedgerView):
    """The file itself, from wherever a broken download left off."""

    def get(self, request, pk):
        export = _export_or_404(pk)
        state, path = state_of(export, at=timezone.now()), export_files.path_of(export.pk)
        if state == ExportState.EXPIRED:
            return _export_page(request, export, status=410)
        if state != ExportState.READY:
            raise Http404
        if not path.exists():
            raise FileLost(
                "The file is not where it was put. Make it again; if that goes wrong too, tell the operator."
            )
        kind = FORMATS[export.format]
        name = f"ledger-{export.made_at:%Y-%m-%d}-{export.pk.hex[:8]}.{kind.suffix}"
        return resumable_file(request, path, name=name, media_type=kind.media_type, digest=export.sha256)


def _export_or_404(pk):
    return get_object_or_404(LedgerExport.objects.select_related("job"), pk=pk)


def _export_page(request, export, status=200):
    return render(request, "compliance/ledger_export.html", _told(export), status=status)


def _told(export):
    state = state_of(export, at=timezone.now())
    return {
        "export": export,
        "job": export.job,
        "state": state,
        "is_making": state == ExportState.MAKING,
        "format": FORMATS.get(export.format),
    }
