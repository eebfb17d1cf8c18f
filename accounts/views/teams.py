"""Teams, as the owner keeps them."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.domain.teams import TeamNameTaken, make_team, put_into_team, take_out_of_team
from accounts.forms import MembersForm, TeamForm
from accounts.models import Person, Team
from accounts.states import Permission
from accounts.views.base import PermissionView


class TeamsView(PermissionView):
    permission = Permission.MANAGE_PEOPLE


class Teams(TeamsView):
    def get(self, request):
        return self._page(request, TeamForm())

    def post(self, request):
        form = TeamForm(request.POST)
        if form.is_valid():
            try:
                team = make_team(form.cleaned_data["name"], by=request.user, at=timezone.now())
            except TeamNameTaken as refusal:
                form.add_error("name", str(refusal))
            else:
                return redirect("manage:team", team.pk)
        return self._page(request, form, status=422)

    def _page(self, request, form, status=200):
        context = {"teams": Team.objects.order_by("name"), "form": form}
        return render(request, "manage/teams.html", context, status=status)


class TeamPage(TeamsView):
    """Who is in it; people are put in by their addresses."""

    def get(self, request, pk):
        return self._page(request, get_object_or_404(Team, pk=pk), MembersForm())

    def post(self, request, pk):
        team, form = get_object_or_404(Team, pk=pk), MembersForm(request.POST)
        if not form.is_valid():
            return self._page(request, team, form, status=422)
        put_into_team(team, people=form.cleaned_data["people"], by=request.user, at=timezone.now())
        return redirect("manage:team", team.pk)

    def _page(self, request, team, form, status=200):
        members = Person.objects.filter(team_member__team=team).order_by("name")
        return render(request, "manage/team.html", {"team": team, "members": members, "form": form}, status=status)


class TakeOut(TeamsView):
    def post(self, request, pk, person):
        person = get_object_or_404(Person, pk=person, team_member__team=pk)
        take_out_of_team(person, by=request.user, at=timezone.now())
        messages.success(request, f"{person.name} is in no team now.")
        return redirect("manage:team", pk)
