"""Pausing: days on which the half-life's clock stands still. No reason is asked."""

from datetime import datetime

from django.db import transaction

from accounts.errors import DomainError
from accounts.models import Person
from consent.audit.domain.recording import record
from consent.domain.choices import lock_person
from consent.domain.data_uses import own_view
from consent.domain.queries import takes_part
from scoring import events
from scoring.domain.staleness import mark_stale
from scoring.models import Pause


@transaction.atomic
def pause(person: Person, *, at: datetime) -> Pause:
    """Stop the person's clock from today on. Who pauses already goes on pausing.

    :raises NothingToPause: the person takes no part
    """
    lock_person(person)
    if not takes_part(person):
        raise NothingToPause("You do not take part, so there is nothing to pause.")
    with own_view(person, reason="Pausing", at=at):
        begun, is_new = Pause.objects.get_or_create(person=person, ended_on=None, defaults={"started_on": at.date()})
        if is_new:
            record(events.PauseBegun(begun.pk), by=person, at=at, about=person.pk)
            mark_stale(person)
    return begun


@transaction.atomic
def resume(person: Person, *, at: datetime) -> None:
    """Let the person's clock run again from today on. Who does not pause is not disturbed."""
    lock_person(person)
    with own_view(person, reason="Going on after a pause", at=at):
        for ended in Pause.objects.filter(person=person, ended_on=None):
            Pause.objects.filter(pk=ended.pk).update(ended_on=at.date())
            record(events.PauseEnded(ended.pk), by=person, at=at, about=person.pk)
            mark_stale(person)


class NothingToPause(DomainError):
    """Only who takes part can pause."""
