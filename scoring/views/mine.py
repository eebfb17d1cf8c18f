"""A person's own pages: where they stand, why, since when, and the way out."""

from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.choices import leave
from consent.models import Choice, OpenGrant
from scoring.domain.model_cards import current_card
from scoring.models import Exclusion, Score, WeekCount


class MineView(PermissionView):
    permission = Permission.TAKE_PART


class Home(MineView):
    """Am I in? What is it? Why? And the way in or out."""

    def get(self, request):
        open_grants = _open_grants(request.user)
        if not open_grants:
            return render(request, "mine/not_scored.html", {"last_choice": _last_choice(request.user)})
        return render(request, "mine/home.html", {"open_grants": open_grants})


class Leave(MineView):
    """What goes now and what stays, then one button. No reason is asked."""

    def get(self, request):
        mine = {"person": request.user}
        context = {
            "open_grants": _open_grants(request.user),
            "counts": WeekCount.objects.filter(**mine).count(),
            "scores": Score.objects.filter(**mine).count(),
            "exclusions": Exclusion.objects.filter(**mine).count(),
            "choices": Choice.objects.filter(**mine).count(),
        }
        return render(request, "mine/leave.html", context)

    def post(self, request):
        choice = leave(request.user, at=timezone.now())
        return redirect("mine:choice", choice.reference)


class Model(MineView):
    """The model card, for everyone."""

    permission = Permission.READ_MODEL

    def get(self, request):
        return render(request, "mine/model.html", {"card": current_card()})


def _open_grants(person):
    grants = OpenGrant.objects.filter(person=person).select_related("source", "grant", "purpose_version")
    return list(grants.order_by("source__name", "purpose_version_id"))


def _last_choice(person):
    return Choice.objects.filter(person=person).order_by("-made_at").first()
