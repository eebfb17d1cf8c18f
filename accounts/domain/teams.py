"""Making teams and putting people into them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts import events
from accounts.errors import DomainError
from accounts.models import Person, Team, TeamMember
from consent.audit.domain.recording import record


@transaction.atomic
def make_team(name: str, *, by: Person, at: datetime) -> Team:
    """Make an empty team.

    :raises TeamNameTaken: there is one of this name
    """
    if Team.objects.filter(name__iexact=name).exists():
        raise TeamNameTaken(f"There is a team “{name}” already. Choose another name.")
    team = Team.objects.create(name=name, made_at=at)
    record(events.TeamMade(team.pk), by=by, at=at)
    return team


@transaction.atomic
def put_into_team(team: Team, *, people: Iterable[Person], by: Person, at: datetime) -> None:
    """Put people into a team; whoever was in another leaves that one."""
    for person in people:
        TeamMember.objects.update_or_create(person=person, defaults={"team": team})
        record(events.TeamJoined(team.pk), by=by, at=at, about=person.pk)


@transaction.atomic
def take_out_of_team(person: Person, *, by: Person, at: datetime) -> None:
    """Take somebody out of their team. Who is in none stays so."""
    for member in TeamMember.objects.filter(person=person):
        member.delete()
        record(events.TeamLeft(member.team_id), by=by, at=at, about=person.pk)


class TeamNameTaken(DomainError):
    """Two teams of one name could not be told apart."""

    status = 422
