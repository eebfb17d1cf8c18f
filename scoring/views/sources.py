"""The steward's sources: where counts come from, and the files that were brought in."""

from contextlib import suppress

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.domain import jobs
from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.sources import (
    AlreadyRetired,
    SourceNameTaken,
    make_source,
    retire_source,
    start_source,
    stop_source,
)
from consent.models import Source
from scoring.domain.imports import connector_for
from scoring.domain.source_figures import figures_of
from scoring.forms import SourceForm, upload_form_for
from scoring.inbox.services import MODULES

IMPORTS_A_PAGE = 20


class SourcesView(PermissionView):
    permission = Permission.MANAGE_SOURCES


class Sources(SourcesView):
    """All sources, those in use first, with when something last came in."""

    def get(self, request):
        sources = Source.objects.annotate(last_read_at=Max("imports__finished_at")).order_by("retired_at", "name")
        return render(request, "manage/sources.html", {"sources": sources})


class NewSource(SourcesView):
    def get(self, request):
        return self._page(request, SourceForm())

    def post(self, request):
        form = SourceForm(request.POST)
        if form.is_valid():
            try:
                source = make_source(**form.cleaned_data, by=request.user, at=timezone.now())
            except SourceNameTaken as refusal:
                form.add_error("name", str(refusal))
            else:
                return redirect("manage:source", source.pk)
        return self._page(request, form, status=422)

    def _page(self, request, form, status=200):
        return render(request, "manage/source_new.html", {"form": form}, status=status)


class SourcePage(SourcesView):
    """One source: bring in a file, and what came of those before."""

    def get(self, request, pk):
        return source_page(request, get_object_or_404(Source.objects.select_related("inbox"), pk=pk))


class Retire(SourcesView):
    def post(self, request, pk):
        source = get_object_or_404(Source, pk=pk)
        retire_source(source, by=request.user, at=timezone.now())
        said = f"“{source.name}” is retired. Nobody is asked for it any more, and nothing is read from it."
        messages.success(request, said)
        return redirect("manage:sources")


class Remove(SourcesView):
    """Retire it and have all that was counted of it deleted; a job's page shows how far that is."""

    def post(self, request, pk):
        source = get_object_or_404(Source, pk=pk)
        with suppress(AlreadyRetired):
            retire_source(source, by=request.user, at=timezone.now())
        title = f"Removing “{source.name}” and what was counted of it"
        job = jobs.start(
            "remove_source", title=title, arguments={"source": str(pk)}, by=request.user, at=timezone.now()
        )
        return redirect("manage:job", job.pk)


class Stop(SourcesView):
    def post(self, request, pk):
        source = get_object_or_404(Source, pk=pk)
        stop_source(source, by=request.user, at=timezone.now())
        messages.success(request, f"“{source.name}” is stopped. Nothing is taken in until it is started again.")
        return redirect("manage:source", pk)


class Start(SourcesView):
    def post(self, request, pk):
        source = get_object_or_404(Source, pk=pk)
        start_source(source, by=request.user, at=timezone.now())
        messages.success(request, f"“{source.name}” is started again.")
        return redirect("manage:source", pk)


def source_page(request, source, form=None, status=200):
    imports = source.imports.select_related("job").defer("faults").order_by("-uploaded_at")
    context = {
        "source": source,
        "connector": connector_for(source),
        "service": service_of(source),
        "figures": figures_of(source, at=timezone.now()),
        "form": form or upload_form_for(source.kind)(),
        "page": Paginator(imports, IMPORTS_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "manage/source.html", context, status=status)


def service_of(source):
    """What the service that sends its events declares, if one does."""
    inbox = getattr(source, "inbox", None)
    return MODULES[inbox.service] if inbox and inbox.is_open else None
