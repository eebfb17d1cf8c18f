"""The steward's side of an inbox: its address, its secret, what is read, and what became of what was sent."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Max, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from consent.models import Source
from scoring.domain import inboxes
from scoring.inbox.services import MODULES
from scoring.inbox_forms import HandlesForm, InboxForm, SecretForm
from scoring.models import Inbox, InboxDay
from scoring.views.sources import SourcesView

DAYS_SHOWN = 30
OUTCOMES = {
    "kept": "Kept for whoever granted the source",
    "not_granted": "Nobody concerned has granted it: nothing kept",
    "left_out": "Towards oneself: nothing kept",
    "private": "Private: not read further",
    "late": "Too late, or too far ahead: the week is closed",
    "duplicate": "Came before: counts nothing",
    "malformed": "Not built as the service builds it",
    "refused": "Not signed, or too old: not read",
}


class InboxPage(SourcesView):
    def get(self, request, pk):
        return _page(request, pk)

    def post(self, request, pk):
        source, form = get_object_or_404(Source, pk=pk), InboxForm(request.POST)
        if not form.is_valid():
            return _page(request, pk, form=form, status=422)
        secret = inboxes.open_inbox(source, **form.cleaned_data, by=request.user, at=timezone.now())
        return _page(request, pk, secret=secret)


class ChangeSecret(SourcesView):
    def post(self, request, pk):
        inbox, form = _open(pk), SecretForm(request.POST)
        if not form.is_valid():
            return _page(request, pk, secret_form=form, status=422)
        secret = inboxes.change_secret(inbox, **form.cleaned_data, by=request.user, at=timezone.now())
        return _page(request, pk, secret=secret)


class DropSecret(SourcesView):
    def post(self, request, pk):
        inboxes.drop_old_secret(_open(pk), by=request.user, at=timezone.now())
        messages.success(request, "The secret before is good no more.")
        return redirect("manage:inbox", pk)


class NameHandles(SourcesView):
    def post(self, request, pk):
        inbox, form = _open(pk), HandlesForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                lines = form.cleaned_data["file"]
                named = inboxes.name_handles(inbox.source, lines=lines, by=request.user, at=timezone.now())
            except inboxes.NoList as why:
                form.add_error("file", str(why))
            else:
                people = "1 person" if named == 1 else f"{named:,} people"
                messages.success(request, f"{people} who granted this source can be told now. Nobody else was kept.")
                return redirect("manage:inbox", pk)
        return _page(request, pk, handles_form=form, status=422)


class CloseInbox(SourcesView):
    def post(self, request, pk):
        inboxes.close_inbox(_open(pk), by=request.user, at=timezone.now())
        messages.success(request, "It is closed. The week that is going on is counted when it is over.")
        return redirect("manage:inbox", pk)


def _open(pk) -> Inbox:
    return get_object_or_404(Inbox.objects.select_related("source"), pk=pk, is_open=True)


def _page(request, pk, *, form=None, secret="", secret_form=None, handles_form=None, status=200):
    source = get_object_or_404(Source, pk=pk)
    inbox = Inbox.objects.filter(pk=pk, is_open=True).first()
    context = {
        "source": source,
        "inbox": inbox,
        "form": form or InboxForm(),
        "secret": secret,
        "secret_form": secret_form or SecretForm(),
        "handles_form": handles_form or HandlesForm(),
        "address": request.build_absolute_uri(reverse("take_in", args=[pk])),
        "service": MODULES[inbox.service] if inbox else None,
        "outcomes": _outcomes(pk),
    }
    return render(request, "manage/inbox.html", context, status=status)


def _outcomes(pk):
    """(what became of them, how many in the last days, on which day last)"""
    since = timezone.now().date() - timedelta(days=DAYS_SHOWN)
    days = InboxDay.objects.filter(source=pk, day__gte=since).values("outcome")
    found = {row["outcome"]: row for row in days.annotate(number=Sum("events"), last=Max("day")).order_by()}
    return [(words, found[name]["number"], found[name]["last"]) for name, words in OUTCOMES.items() if name in found]
