"""Showing one's score to somebody: by its person alone, for a time, each look on record (consent/sql/shares.sql)."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from accounts.domain.company_mail import mail_people
from accounts.errors import DomainError, refused_as
from accounts.models import Person, Team, TeamMember
from consent.audit.domain.recording import record
from consent.domain.data_uses import Use, data_use
from consent.domain.obligations import last_day
from consent.models import DataUsePerson, ScoreShare
from consent.models.share import MOST_DAYS
from consent.states import PurposeKey
from scoring import events

SHARE = "SELECT consent_share_score(%s, %s, %s)"
END = "SELECT consent_end_share(%s)"


class NotShared(DomainError):
    """The score is not shown, and the sentence says why."""


_REFUSALS = {
    "share_of_a_score": (NotShared, "You are not scored, so there is nothing to show."),
    "share_with_somebody": (NotShared, "There is nobody else to show it to. Choose somebody who works here."),
    "share_with_another": (NotShared, "You see your own score anyway. Choose somebody else."),
    "share_ends_in_time": (NotShared, f"Choose a day from tomorrow on, at most {MOST_DAYS} days away."),
    "share_once": (NotShared, "You show them your score already. Take that back first, to choose another day."),
}


@dataclass(frozen=True)
class Shown:
    """A share as its person sees it: `looks` and `last_look` are of this viewer, or of everybody in this team."""

    share: ScoreShare
    name: str
    looks: int
    last_look: datetime | None


@transaction.atomic
def show_score(person: Person, *, to: Person | Team, until: datetime, at: datetime) -> UUID:
    """Show one's score. Call it under a look at one's own data.

    :raises NotShared: to nobody, to oneself, twice, for too long, or there is no score
    """
    viewer, team = (to.pk, None) if isinstance(to, Person) else (None, to.pk)
    share: UUID = _call(SHARE, viewer, team, until)
    record(events.ScoreShared(share), by=person, at=at, about=person.pk)
    theirs = {"pk": viewer} if viewer else {"team_member__team": team}
    told = Person.objects.filter(is_active=True, **theirs).exclude(pk=person.pk)
    mail_people("score_shown", told, page="mine:shared", name=person.name, until=last_day(until))
    return share


@transaction.atomic
def end_share(person: Person, share: UUID, *, at: datetime) -> None:
    """Take it back at once. One that is over already is over."""
    if _call(END, share):
        record(events.ShareEnded(share), by=person, at=at, about=person.pk)


def shares_of(person: Person) -> list[Shown]:
    """To whom somebody shows their score now. Call it under a look at one's own data."""
    shares = list(ScoreShare.objects.open().filter(person=person).order_by("-shared_at"))
    people = dict(Person.objects.filter(pk__in={share.viewer for share in shares}).values_list("pk", "name"))
    teams = dict(Team.objects.filter(pk__in={share.team for share in shares}).values_list("pk", "name"))
    looks = list(_looks_at(person).values_list("use__by", "use__opened_at"))
    members = set(TeamMember.objects.filter(team__in=teams).values_list("team", "person"))
    told = []
    for share in shares:
        by_them = ((by, at) for by, at in looks if by == share.viewer or (share.team, by) in members)
        theirs = [at for _, at in by_them if at >= share.shared_at]
        name = people.get(share.viewer) or teams.get(share.team) or "Somebody who has left"
        told.append(Shown(share, name, len(theirs), max(theirs, default=None)))
    return told


def shown_to(viewer: Person) -> QuerySet[ScoreShare]:
    """What is shown to somebody now, to them or to their team. That it is listed is no look at a score."""
    mine = TeamMember.objects.filter(person=viewer).values("team")
    theirs = ScoreShare.objects.open().filter(Q(viewer=viewer.pk) | Q(team__in=mine)).exclude(person=viewer)
    return theirs.select_related("person").order_by("until")


def look(share: ScoreShare, *, by: Person, at: datetime) -> AbstractContextManager[Use]:
    """Look at a score that is shown to one, on record.

    :raises ReaderRefused: it is not, by now; the attempt is on record
    """
    return data_use(
        PurposeKey.SCORE_EXPLANATION, by=by, about=[share.person_id], reason="Looking at a score that is shown", at=at
    )


def _looks_at(person: Person) -> QuerySet[DataUsePerson]:
    purpose = PurposeKey.SCORE_EXPLANATION
    return DataUsePerson.objects.filter(person_id=person.pk, is_allowed=True, use__purpose_version__purpose=purpose)


def _call(statement: str, *values: Any) -> Any:
    with refused_as(_REFUSALS), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]
