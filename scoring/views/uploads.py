"""A file's way in: upload, mapping with a preview, receipt."""

import csv

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.errors import DomainError
from consent.models import Source
from consent.states import SourceKind
from scoring.connectors import csv as csv_connector
from scoring.domain.imports import begin_reading, bring_in, discard, take_file
from scoring.domain.raw_files import path_of
from scoring.forms import MappingForm, upload_form_for
from scoring.models import Import
from scoring.states import ImportState
from scoring.views.sources import SourcesView, source_page


class Upload(SourcesView):
    """Take the file. A CSV waits for its mapping; an export explains itself and is read at once."""

    def post(self, request, pk):
        source = get_object_or_404(Source, pk=pk)
        form = upload_form_for(source.kind)(request.POST, request.FILES)
        if not form.is_valid():
            return source_page(request, source, form, status=422)
        given = {"chunks": form.cleaned_data["file"].chunks(), "by": request.user, "at": timezone.now()}
        try:
            if source.kind == SourceKind.CSV:
                return redirect("manage:mapping", take_file(source, **given).pk)
            job = bring_in(source, addresses=_addresses(form.cleaned_data), **given)
        except DomainError as refusal:
            form.add_error("file", str(refusal))
            return source_page(request, source, form, status=422)
        return redirect("manage:job", job.pk)


class Mapping(SourcesView):
    """What the columns and kinds mean, beside the first rows of the file."""

    def get(self, request, pk):
        taken = _waiting(pk)
        preview = csv_connector.preview(path_of(taken.pk))
        return self._page(request, taken, preview, MappingForm(preview=preview))

    def post(self, request, pk):
        taken = _waiting(pk)
        preview = csv_connector.preview(path_of(taken.pk), kind=request.POST.get("kind"))
        form = MappingForm(request.POST, preview=preview)
        if form.asked_of_another_column and form.are_kinds:
            chosen = {column: request.POST.get(column) for column in csv_connector.COLUMNS}
            messages.info(
                request, f"These are the kinds in “{chosen['kind']}”. Say what each means, then read the file."
            )
            return self._page(request, taken, preview, MappingForm(preview=preview, initial=chosen))
        if not form.is_valid():
            return self._page(request, taken, preview, form, status=422)
        job = begin_reading(taken, options=form.options, by=request.user, at=timezone.now())
        return redirect("manage:job", job.pk)

    def _page(self, request, taken, preview, form, status=200):
        context = {"taken": taken, "preview": preview, "form": form}
        return render(request, "manage/mapping.html", context, status=status)


class Discard(SourcesView):
    def post(self, request, pk):
        taken = _waiting(pk)
        discard(taken, by=request.user, at=timezone.now())
        messages.success(request, "The file is deleted. Nothing was read from it.")
        return redirect("manage:source", taken.source_id)


class Receipt(SourcesView):
    """What was done with a file, in numbers; nobody is named."""

    def get(self, request, pk):
        taken = get_object_or_404(Import.objects.select_related("source", "job"), pk=pk)
        return render(request, "manage/receipt.html", {"taken": taken, "faults": taken.faults[:20]})


class Malformed(SourcesView):
    """All malformed rows that were kept, as CSV: where and why."""

    def get(self, _request, pk):
        taken = get_object_or_404(Import, pk=pk)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="malformed-{taken.pk}.csv"'
        writer = csv.writer(response)
        writer.writerow(["where", "reason"])
        writer.writerows(taken.faults)
        return response


def _waiting(pk):
    return get_object_or_404(Import.objects.select_related("source"), pk=pk, state=ImportState.UPLOADED)


def _addresses(cleaned):
    """The list of Slack ids beside an export, if one was given."""
    listed = cleaned.get("addresses")
    return listed.chunks() if listed else ()
