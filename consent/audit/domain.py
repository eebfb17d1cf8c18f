"""Writing to the ledger, always in the transaction of the act itself."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import transaction

from consent.audit.events import Event
from consent.audit.models import Entry


class Actor(Protocol):
    id: UUID


def record(event: Event, *, by: Actor | None, at: datetime, about: UUID | None = None) -> Entry:
    """Append one entry in the current transaction.

    :param by: who acted; None for the machine itself
    :param about: the opaque id of the person whom the act concerns
    :raises OutsideTransaction: an act and its entry must stand or fall together
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(event.name())
    return Entry.objects.create(
        event=event.name(),
        payload=event.payload(),
        by=by.id if by else None,
        about=about,
        at=at,
    )


class OutsideTransaction(RuntimeError):
    """An entry was to be written where the act could still fail without it."""
