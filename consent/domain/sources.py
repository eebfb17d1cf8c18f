"""Setting up, stopping, retiring and removing sources."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.errors import DomainError
from accounts.models import Person
from consent import events
from consent.audit.domain.recording import record
from consent.domain.choices import end_for_removed_source
from consent.models import OpenGrant, Source
from consent.states import SourceKind


@transaction.atomic
def make_source(*, name: str, kind: SourceKind, description: str, by: Person, at: datetime) -> Source:
    """Set up a source, so that people can be asked for it.

    :raises SourceNameTaken: people could not tell the two apart
    """
    if Source.objects.in_use().filter(name__iexact=name).exists():
        raise SourceNameTaken(f"There is a source called “{name}” already. Choose a name that people can tell apart.")
    source = Source.objects.create(name=name, kind=kind, description=description, created_at=at, created_by=by.pk)
    record(events.SourceMade(source.pk, kind), by=by, at=at)
    return source


@transaction.atomic
def retire_source(source: Source, *, by: Person, at: datetime) -> None:
    """Stop reading from a source. What people granted stays theirs to withdraw.

    :raises AlreadyRetired: it is retired already
    """
    if not Source.objects.in_use().filter(pk=source.pk).update(retired_at=at, retired_by=by.pk):
        raise AlreadyRetired(f"“{source.name}” is retired already.")
    record(events.SourceRetired(source.pk), by=by, at=at)


@transaction.atomic
def stop_source(source: Source, *, by: Person, at: datetime) -> None:
    """Take nothing in from a source until it is started again. PostgreSQL forgets what of open weeks is not counted.

    :raises NotSo: it is stopped or retired already
    """
    if not Source.objects.in_use().filter(pk=source.pk, stopped_at=None).update(stopped_at=at, stopped_by=by.pk):
        raise NotSo(f"“{source.name}” is stopped already, or retired.")
    record(events.SourceStopped(source.pk), by=by, at=at)


@transaction.atomic
def start_source(source: Source, *, by: Person, at: datetime) -> None:
    """Let a stopped source be read again.

    :raises NotSo: it is not stopped, or retired
    """
    stopped = Source.objects.in_use().filter(pk=source.pk, stopped_at__isnull=False)
    if not stopped.update(stopped_at=None, stopped_by=None):
        raise NotSo(f"“{source.name}” is not stopped, or is retired.")
    record(events.SourceStarted(source.pk), by=by, at=at)


def remove_source(source: Source, *, by: Person | None, at: datetime, step: Callable[[int, int], None]) -> None:
    """Delete all that was counted of a retired source, person by person. Begun again, it goes on where it was.

    :param step: called with how many in a hundred are done, and 100: how many people granted it is nobody's business
    :raises NotSo: it is not retired: more could come in meanwhile
    """
    if source.retired_at is None:
        raise NotSo(f"“{source.name}” is still in use. Retire it first.")
    people = list(Person.objects.filter(pk__in=OpenGrant.objects.filter(source=source).values("person")).order_by("pk"))
    for done, person in enumerate(people):
        step(100 * done // len(people), 100)
        end_for_removed_source(person, source, by=by, at=at)
    with transaction.atomic():
        record(events.SourceRemoved(source.pk), by=by, at=at)


class NotSo(DomainError):
    """The source is not in the state that this act begins with."""


class SourceNameTaken(DomainError):
    """Two sources in use may not share a name."""


class AlreadyRetired(DomainError):
    """The source is not in use any more."""
