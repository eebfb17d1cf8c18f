"""Figures about teams. Why a team has none is never said: that could tell on somebody."""

from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.shortcuts import render

from accounts.models import Team
from accounts.states import Permission
from accounts.views.base import PermissionView
from scoring.models import TeamFigure

TEAMS_A_PAGE = 25


class Figures(PermissionView):
    permission = Permission.SEE_FIGURES

    def get(self, request):
        newest = TeamFigure.objects.filter(team=OuterRef("pk")).order_by("-week")
        teams = Team.objects.order_by("name").annotate(
            median=Subquery(newest.values("median")[:1]),
            at_least=Subquery(newest.values("at_least")[:1]),
            week=Subquery(newest.values("week")[:1]),
        )
        page = Paginator(teams, TEAMS_A_PAGE).get_page(request.GET.get("page"))
        return render(request, "manage/figures.html", {"page": page})
