"""The steward's sources: where counts come from, and the files that were brought in."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.sources import SourceNameTaken, make_source, retire_source
from consent.models import Source
from scoring.domain.imports import connector_for
from scoring.forms import SourceForm, upload_form_for

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
        return source_page(request, get_object_or_404(Source, pk=pk))


class Retire(SourcesView):
    def post(self, request, pk):
        source = get_object_or_404(Source, pk=pk)
        retire_source(source, by=request.user, at=timezone.now())
        said = f"“{source.name}” is retired. Nobody is asked for it any more, and nothing is read from it."
        messages.success(request, said)
        return redirect("manage:sources")


def source_page(request, source, form=None, status=200):
    imports = source.imports.select_related("job").defer("faults").order_by("-uploaded_at")
    context = {
        "source": source,
        "connector": connector_for(source),
        "form": form or upload_form_for(source.kind)(),
        "page": Paginator(imports, IMPORTS_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "manage/source.html", context, status=status)
