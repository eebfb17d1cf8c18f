"""Leaving numbers of one's own out of the next score, and having them counted again."""

from datetime import date, datetime

from django.db import transaction

from accounts.errors import DomainError
from accounts.models import Person
from consent.audit.domain.recording import record
from consent.domain.choices import lock_person
from consent.domain.data_uses import own_view
from scoring import events
from scoring.domain.staleness import mark_stale
from scoring.models import Exclusion, WeekCount


@transaction.atomic
def exclude(person: Person, *, week: date, at: datetime, **which: int) -> None:
    """Leave out what is counted of the person in this week, or only what `which` (grant, kind) names of it.

    :raises NothingCounted: nothing of the sort is kept of this person
    """
    lock_person(person)
    with own_view(person, reason="Leaving numbers out", at=at):
        _leave_out(person, week, at, which)


def _leave_out(person: Person, week: date, at: datetime, which: dict[str, int]) -> None:
    counts = WeekCount.objects.filter(person=person, week=week, **which)
    left_out = [Exclusion(person=person, grant_id=c.grant_id, kind=c.kind, week=week, excluded_at=at) for c in counts]
    if not left_out:
        raise NothingCounted("Nothing of that week and kind is kept of you, so there is nothing to leave out.")
    Exclusion.objects.bulk_create(left_out, ignore_conflicts=True)
    record(events.CountsExcluded(week.isoformat(), len(left_out)), by=person, at=at, about=person.pk)
    mark_stale(person)


@transaction.atomic
def include(person: Person, *, week: date, at: datetime, **which: int) -> None:
    """Count again what was left out. What is counted already stays so."""
    lock_person(person)
    with own_view(person, reason="Counting numbers again", at=at):
        number, _ = Exclusion.objects.filter(person=person, week=week, **which).delete()
        if number:
            record(events.CountsIncluded(week.isoformat(), number), by=person, at=at, about=person.pk)
            mark_stale(person)


class NothingCounted(DomainError):
    """There is no such number of this person."""

    status = 404
