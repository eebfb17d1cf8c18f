"""Before anybody is scored, and the switch."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import Person
from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.matters import matter_of
from consent.models import Proposal
from consent.states import ProposalKind, ProposalState
from consent.views.mine import MineView
from scoring.domain import live
from scoring.live_forms import GoLiveForm, OffForm, PreparationForm
from scoring.states import Preparation


class LiveView(PermissionView):
    permission = Permission.SWITCH_OFF


class Live(LiveView):
    """Whether scoring is on, what was prepared, and what is still missing."""

    def get(self, request):
        return _page(request)


class Prepare(LiveView):
    def get(self, request, kind):
        known = live.prepared().get(_kind(kind))
        form = PreparationForm(initial={"text": known.text if known else ""}, kind=_kind(kind))
        return self._page(request, kind, form)

    def post(self, request, kind):
        form = PreparationForm(request.POST, kind=_kind(kind))
        if not form.is_valid():
            return self._page(request, kind, form, status=422)
        live.prepare(_kind(kind), **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, "It is on record, and everybody here can read it.")
        return redirect("manage:live")

    def _page(self, request, kind, form, status=200):
        return render(request, "manage/live_prepare.html", {"kind": _kind(kind), "form": form}, status=status)


class ProposeLive(LiveView):
    def post(self, request):
        form = GoLiveForm(request.POST)
        if not form.is_valid():
            return _page(request, go_live=form, status=422)
        try:
            proposal = live.propose_going_live(**form.cleaned_data, by=request.user, at=timezone.now())
        except live.NotPrepared as why:
            form.add_error(None, str(why))
            return _page(request, go_live=form, status=422)
        return redirect("manage:approval", proposal.pk)


class SwitchOff(LiveView):
    def post(self, request):
        form = OffForm(request.POST)
        if not form.is_valid():
            return _page(request, off=form, status=422)
        live.switch_off(**form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, "Scoring is off. Nobody is scored until two others switch it on again.")
        return redirect("manage:live")


class Prepared(PermissionView):
    """What was prepared, for whoever decides."""

    permission = Permission.SEE_PROPOSALS

    def get(self, request, pk):
        proposal = get_object_or_404(Proposal, pk=pk, kind=ProposalKind.GO_LIVE)
        context = {"rows": _rows(matter_of(proposal).notice_days), "proposal": proposal}
        return render(request, "manage/live_prepared.html", context)


class Notice(MineView):
    """The notice and the rest, for everybody whom it is about."""

    permission = Permission.READ_MODEL

    def get(self, request):
        return render(request, "mine/notice.html", {"rows": _rows(0), "switch": live.switch()})


def _page(request, *, go_live=None, off=None, status=200):
    context = {
        "switch": live.switch(),
        "rows": _rows(live.NOTICE_DAYS),
        "go_live": go_live or GoLiveForm(),
        "off": off or OffForm(),
        "proposal": Proposal.objects.filter(kind=ProposalKind.GO_LIVE, state=ProposalState.OPEN).first(),
        "notice_days": live.NOTICE_DAYS,
    }
    return render(request, "manage/live.html", context, status=status)


def _rows(notice_days):
    """(kind, what is recorded, who oversees it, whether it is missing or too new)"""
    known, missing = live.prepared(), live.unprepared(notice_days)
    overseer = known.get(Preparation.OVERSEER)
    name = Person.objects.filter(pk=overseer.overseer).values_list("name", flat=True).first() if overseer else ""
    return [
        (kind, known.get(kind), name if kind == Preparation.OVERSEER else "", kind in missing) for kind in Preparation
    ]


def _kind(kind) -> Preparation:
    try:
        return Preparation(kind)
    except ValueError:
        raise Http404 from None
