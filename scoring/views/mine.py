"""A person's own pages: where they stand, why, since when, and the way out."""

from decimal import Decimal

from django.db.models import Count, OuterRef, Subquery
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.states import Permission
from consent.domain.choices import leave
from consent.domain.obligations import stands_still
from consent.models import Choice, OpenGrant
from consent.states import PurposeKey
from consent.views.mine import MineView, OwnDataView
from scoring.domain.drift import held_back
from scoring.domain.evaluations import evaluation_of
from scoring.domain.evidence import evidence_of
from scoring.domain.explaining import inputs_digest_of
from scoring.domain.live import switch
from scoring.domain.model_cards import current_card
from scoring.domain.pauses import pause, resume
from scoring.models import Exclusion, ModelTerm, Pause, Score, WeekCount
from scoring.views.telling import tell, tell_change


class Home(OwnDataView):
    """Am I in? What is it? Why? And the way in or out."""

    reason = "Opening the home page"

    def get(self, request):
        standing = _standing(request.user)
        if not standing:
            return render(request, "mine/not_scored.html", {"last_choice": _last_choice(request.user)})
        latest = _latest(request.user)
        context = standing | {"told": tell(latest[0]) if _is_score(latest) else None, "change": _change(latest)}
        context["stands_still"] = stands_still()
        if not context["told"]:
            context["evidence"] = evidence_of(request.user, at=timezone.now())
        return render(request, "mine/home.html", context)


class MyScore(OwnDataView):
    """Every point of it, what changed, and how it went."""

    reason = "Opening the score page"

    def get(self, request):
        latest = _latest(request.user)
        if not _is_score(latest):
            return render(request, "mine/score.html", {"stands_still": stands_still(), "switch": switch()})
        terms = ModelTerm.objects.filter(model=latest[0].run.model_id).select_related("model").defer("model__decay")
        context = {
            "told": tell(latest[0], terms),
            "inputs": inputs_digest_of(latest[0], terms[0].model.digest),
            "model": terms[0].model,
            "change": _change(latest),
            "history": _history(request.user),
            "stands_still": stands_still(),
            "switch": switch(),
            "held": held_back(),
        }
        return render(request, "mine/score.html", context)


class Leave(OwnDataView):
    """What goes now and what stays: a button for everything, one for each source, one for each purpose."""

    reason = "Looking at what leaving deletes"
    purpose = PurposeKey.ERASURE  # it works while nothing else about people is read

    def get(self, request):
        mine = {"person": request.user}
        open_grants = _open_grants(request.user)
        context = {
            "open_grants": open_grants,
            "sources": _counts_by_source(open_grants, request.user),
            "purposes": list({grant.purpose: grant.purpose_version for grant in open_grants}.values()),
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
        card = current_card()
        return render(request, "mine/model.html", {"card": card, "evaluation": evaluation_of(card.model.digest)})


class ModelEvaluation(MineView):
    """What the model in effect was found to do on real data, for everyone."""

    permission = Permission.READ_MODEL

    def get(self, request):
        model = current_card().model
        context = {"version": model, "evaluation": evaluation_of(model.digest)}
        return render(request, "mine/model_evaluation.html", context)


def _open_grants(person):
    grants = OpenGrant.objects.filter(person=person).select_related("source", "grant", "purpose_version")
    return list(grants.order_by("source__name", "purpose_version_id"))


def _counts_by_source(open_grants, person):
    """Each open source with the number of week counts that go with it."""
    counts = WeekCount.objects.filter(person=person).values_list("grant__source").annotate(n=Count("*"))
    numbers = dict(counts.order_by())
    sources = {grant.source_id: grant.source for grant in open_grants}
    return [(source, numbers.get(pk, 0)) for pk, source in sources.items()]


def _standing(person):
    """Since when, with which sources, and since when they pause: in one query, since every home asks."""
    pause_of = Pause.objects.filter(person=OuterRef("person"), ended_on=None).values("started_on")
    grants = OpenGrant.objects.filter(person=person).annotate(paused_since=Subquery(pause_of))
    rows = list(grants.values_list("source__name", "grant__granted_at", "paused_since"))
    if not rows:
        return None
    sources, granted_at, (paused_since, *_) = zip(*rows, strict=True)
    return {"sources": sorted(set(sources)), "since": min(granted_at), "paused_since": paused_since}


def _latest(person):
    """The newest score and the one before. One without parts says: too little to go by."""
    scores = Score.objects.filter(person=person).select_related("run").order_by("-run_id")
    return list(scores.only("value", "kinds", "points", "colleagues", "run__week", "run__model_id")[:2])


def _is_score(latest):
    return bool(latest and latest[0].kinds)


def _change(latest):
    return tell_change(*latest) if len(latest) > 1 and latest[1].kinds else None


def _history(person):
    """The last score of each week; None where there was too little to go by."""
    scores = Score.objects.filter(person=person).order_by("run__week", "-run_id").distinct("run__week")
    weeks = scores.values_list("run__week", "value", "kinds")
    return [(week, Decimal(value) / 100 if kinds else None) for week, value, kinds in weeks]


def _last_choice(person):
    return Choice.objects.filter(person=person).order_by("-made_at").first()
