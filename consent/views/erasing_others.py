"""Erasing somebody who asked by letter, and those outside who hold data: an officer's pages."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.data_uses import data_use
from consent.domain.erasing import link_of, promised, request_erasure
from consent.domain.leaving_behind import what_follows
from consent.erasure_forms import LetterForm, ProcessorForm
from consent.models import Processor
from consent.states import PurposeKey

REASON = "Erasing, on a letter"


class OfficerView(PermissionView):
    permission = Permission.ERASE_PEOPLE


class ErasePerson(OfficerView):
    """First see whom it would be, then say so again. The link is in the answer, this once: nothing here keeps it."""

    def get(self, request):
        return self._page(request, LetterForm())

    def post(self, request):
        form = LetterForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        now = timezone.now()
        with data_use(PurposeKey.ERASURE, by=request.user, about=[form.person.pk], reason=REASON, at=now):
            if "confirmed" in request.POST:
                letter = form.cleaned_data["letter"]
                asked = request_erasure(form.person, by=request.user, letter=letter, at=now)
                context = {"erasure": asked.erasure, "link": link_of(asked.token)}
                return render(request, "compliance/erase_done.html", context)
            context = {"form": form, "found": form.person, "follows": what_follows(form.person)}
            return render(request, "compliance/erase_check.html", context | {"last": promised(at=now)[1]})

    def _page(self, request, form, status=200):
        return render(request, "compliance/erase.html", {"form": form}, status=status)


class Processors(OfficerView):
    def get(self, request):
        return self._page(request, ProcessorForm())

    def post(self, request):
        form = ProcessorForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        form.save()
        messages.success(request, "Added. It counts for whoever asks to be erased from now on.")
        return redirect("compliance:processors")

    def _page(self, request, form, status=200):
        context = {"form": form, "processors": Processor.objects.order_by("name")}
        return render(request, "compliance/processors.html", context, status=status)


class RemoveProcessor(OfficerView):
    def post(self, request, pk):
        get_object_or_404(Processor, pk=pk).delete()
        messages.success(request, "Removed. What was promised with it stays as it was.")
        return redirect("compliance:processors")
