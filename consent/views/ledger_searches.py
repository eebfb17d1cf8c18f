"""Searches that officers keep: made, renamed, shared and deleted by their own officer alone."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from consent.domain.ledger_query import QueryNotUnderstood
from consent.domain.ledger_searches import NameTaken, change_search, save_search
from consent.forms import SaveSearchForm
from consent.models import SavedSearch
from consent.views.ledger import LedgerView


class Save(LedgerView):
    def get(self, request):
        return _page(request, SaveSearchForm(initial={"q": request.GET.get("q", "")}))

    def post(self, request):
        form = SaveSearchForm(request.POST)
        if not form.is_valid():
            return _page(request, form, status=422)
        answers = form.cleaned_data
        try:
            search = save_search(
                answers["name"], text=answers["q"], is_shared=answers["is_shared"], by=request.user, at=timezone.now()
            )
        except (NameTaken, QueryNotUnderstood) as refusal:
            form.add_error("name" if isinstance(refusal, NameTaken) else None, str(refusal))
            return _page(request, form, status=422)
        messages.success(request, f"The search “{search.name}” is saved.")
        return redirect(f"{reverse('compliance:ledger')}?{urlencode({'q': search.query})}")


class Change(LedgerView):
    def get(self, request, pk):
        search = _own_or_404(request, pk)
        form = SaveSearchForm(initial={"q": search.query, "name": search.name, "is_shared": search.is_shared})
        return _page(request, form, search=search)

    def post(self, request, pk):
        search, form = _own_or_404(request, pk), SaveSearchForm(request.POST)
        if not form.is_valid():
            return _page(request, form, search=search, status=422)
        try:
            change_search(search, name=form.cleaned_data["name"], is_shared=form.cleaned_data["is_shared"])
        except NameTaken as taken:
            form.add_error("name", str(taken))
            return _page(request, form, search=search, status=422)
        messages.success(request, f"The search is called “{form.cleaned_data['name']}” now.")
        return redirect("compliance:ledger")


class Delete(LedgerView):
    def post(self, request, pk):
        search = _own_or_404(request, pk)
        search.delete()
        messages.success(request, f"The search “{search.name}” is deleted.")
        return redirect("compliance:ledger")


def _own_or_404(request, pk):
    return get_object_or_404(SavedSearch, pk=pk, person=request.user)


def _page(request, form, *, search=None, status=200):
    query = search.query if search else form["q"].value()
    context = {"form": form, "search": search, "query": query}
    return render(request, "compliance/ledger_search.html", context, status=status)
