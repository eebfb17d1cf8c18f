"""Setting up and retiring sources."""

from datetime import datetime

from django.db import transaction

from accounts.errors import DomainError
from accounts.models import Person
from consent import events
from consent.audit.domain.recording import record
from consent.models import Source
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


class SourceNameTaken(DomainError):
    """Two sources in use may not share a name."""


class AlreadyRetired(DomainError):
    """The source is not in use any more."""
