"""Leaving numbers of one's own out of the next score, and having them counted again."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import DomainError
from accounts.models import Person
from consent.audit.domain.recording import record
from consent.audit.events import Event
from consent.domain.choices import lock_person
from consent.domain.data_uses import own_view
from consent.models import OpenGrant
from scoring import events
from scoring.domain.staleness import mark_stale
from scoring.models import Exclusion, WeekCount

Part = date | int | UUID


@transaction.atomic
def exclude(person: Person, *, at: datetime, **which: Part) -> None:
    """Leave out what is counted of the person now, where `which` (week, kind, grant, source) meet.

    What a later file brings for other weeks is counted again: what is left out is numbers, not what comes.

    :raises NothingCounted: nothing of the sort is kept of this person
    """
    lock_person(person)
    with own_view(person, reason="Leaving numbers out", at=at):
        leave_out(person, at=at, **which)


def leave_out(person: Person, *, at: datetime, **which: Part) -> None:
    """The same inside a transaction that has its own view already."""
    counts = counted(person, **which)
    left_out = [Exclusion(person=person, grant_id=c.grant_id, kind=c.kind, week=c.week, excluded_at=at) for c in counts]
    if not left_out:
        raise NothingCounted("Nothing of that sort is kept of you, so there is nothing to leave out.")
    Exclusion.objects.bulk_create(left_out, ignore_conflicts=True)
    number = len(left_out)
    if isinstance(week := which.get("week"), date):
        _record(events.CountsExcluded(week.isoformat(), number), person, at)
    else:
        _record(events.ManyExcluded(_what(which), number), person, at)
    mark_stale(person)


@transaction.atomic
def include(person: Person, *, at: datetime, **which: Part) -> None:
    """Count again what was left out. What is counted already stays so."""
    lock_person(person)
    with own_view(person, reason="Counting numbers again", at=at):
        number, _ = Exclusion.objects.filter(**_rows(person, which)).delete()
        if not number:
            return
        if isinstance(week := which.get("week"), date):
            _record(events.CountsIncluded(week.isoformat(), number), person, at)
        else:
            _record(events.ManyIncluded(_what(which), number), person, at)
        mark_stale(person)


def counted(person: Person, **which: Part) -> QuerySet[WeekCount]:
    """What is kept of a person where `which` meet; readable inside a use about them alone."""
    return WeekCount.objects.filter(**_rows(person, which))


def _rows(person: Person, which: dict[str, Part]) -> dict[str, Any]:
    """Counts and exclusions hang on the grant, and know their source by it alone."""
    chosen: dict[str, Any] = {"person": person} | {key: value for key, value in which.items() if key != "source"}
    source: Any = which.get("source")
    if source:
        chosen["grant__in"] = OpenGrant.objects.filter(person=person, source=source).values("pk")
    return chosen


def _what(which: dict[str, Part]) -> str:
    return " and ".join(sorted(which))


def _record(event: Event, person: Person, at: datetime) -> None:
    record(event, by=person, at=at, about=person.pk)


class NothingCounted(DomainError):
    """There is no such number of this person."""

    status = 404
