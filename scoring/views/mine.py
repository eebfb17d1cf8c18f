"""A person's own pages: where they stand, why, since when, and the way out."""

from decimal import Decimal

from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.choices import leave
from consent.models import Choice, OpenGrant
from scoring.domain.evidence import evidence_of
from scoring.domain.model_cards import current_card
from scoring.domain.pauses import pause, resume
from scoring.models import Exclusion, Pause, Score, WeekCount
from scoring.views.telling import tell, tell_change


class MineView(PermissionView):
    permission = Permission.TAKE_PART


class Home(MineView):
    """Am I in? What is it? Why? And the way in or out."""

    def get(self, request):
        open_grants = _open_grants(request.user)
        if not open_grants:
            return render(request, "mine/not_scored.html", {"last_choice": _last_choice(request.user)})
        context = {
            "sources": sorted({grant.source.name for grant in open_grants}),
            "since": min(grant.grant.granted_at for grant in open_grants),
            "pause": Pause.objects.filter(person=request.user, ended_on=None).first(),
        }
        context |= _latest(request.user)
        if not context["told"]:
            context["evidence"] = evidence_of(request.user, at=timezone.now())
        return render(request, "mine/home.html", context)


class MyScore(MineView):
    """Every point of it, what changed, and how it went."""

    def get(self, request):
        context = _latest(request.user)
        if context["told"]:
            context["history"] = _history(request.user)
        return render(request, "mine/score.html", context)


class Leave(MineView):
    """What goes now and what stays, then one button. No reason is asked."""

    def get(self, request):
        mine = {"person": request.user}
        context = {
            "open_grants": _open_grants(request.user),
            "counts": WeekCount.objects.filter(**mine).count(),
            "scores": Score.objects.filter(**mine).exclude(kinds=[]).count(),
            "exclusions": Exclusion.objects.filter(**mine).count(),
            "choices": Choice.objects.filter(**mine).count(),
        }
        return render(request, "mine/leave.html", context)

    def post(self, request):
        choice = leave(request.user, at=timezone.now())
        return redirect("mine:choice", choice.reference)


class PauseNow(MineView):
    def post(self, request):
        pause(request.user, at=timezone.now())
        return redirect("mine:home")


class Resume(MineView):
    def post(self, request):
        resume(request.user, at=timezone.now())
        return redirect("mine:home")


class Model(MineView):
    """The model card, for everyone."""

    permission = Permission.READ_MODEL

    def get(self, request):
        return render(request, "mine/model.html", {"card": current_card()})


def _open_grants(person):
    grants = OpenGrant.objects.filter(person=person).select_related("source", "grant", "purpose_version")
    return list(grants.order_by("source__name", "purpose_version_id"))


def _latest(person):
    """The newest score in words, and its change from the one before. Without parts it says: too little to go by."""
    scores = Score.objects.filter(person=person).select_related("run__model").defer("run__model__decay")
    latest = list(scores.prefetch_related("run__model__terms").order_by("-run_id")[:2])
    return {
        "told": tell(latest[0]) if latest and latest[0].kinds else None,
        "change": tell_change(*latest) if len(latest) > 1 and latest[1].kinds else None,
    }


def _history(person):
    """The last score of each week; None where there was too little to go by."""
    scores = Score.objects.filter(person=person).order_by("run__week", "-run_id").distinct("run__week")
    weeks = scores.values_list("run__week", "value", "kinds")
    return [(week, Decimal(value) / 100 if kinds else None) for week, value, kinds in weeks]


def _last_choice(person):
    return Choice.objects.filter(person=person).order_by("-made_at").first()
