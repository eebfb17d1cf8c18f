"""Writing to the ledger, always in the transaction of the act itself."""

import json
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, transaction

from consent.audit.events import Event
from consent.audit.models import Entry, Opening

# Not the ORM's INSERT: that names all columns, and the app may set only these.
APPEND = """
INSERT INTO audit_entry (at, event, by, about, payload) VALUES (%s, %s, %s, %s, %s) RETURNING id, recorded_at, xid
"""


class Actor(Protocol):
    id: UUID


def record(event: Event, *, by: Actor | None, at: datetime, about: UUID | None = None) -> Entry:
    """Append one entry in the current transaction. What the event keeps private is only committed to.

    :param by: who acted; None for the machine itself
    :param about: the opaque id of the person whom the act concerns
    :raises OutsideTransaction: an act and its entry must stand or fall together
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(event.name())
    payload, openings = _closed(event)
    entry = Entry(event=event.name(), payload=payload, by=by.id if by else None, about=about, at=at)
    with connection.cursor() as cursor:
        cursor.execute(APPEND, [at, entry.event, entry.by, about, json.dumps(payload)])
        entry.id, entry.recorded_at, entry.xid = cursor.fetchone()
    for opening in openings:
        opening.entry_id, opening.about = entry.id, about
    Opening.objects.bulk_create(openings)
    return entry


def commitment(salt: bytes, text: str) -> str:
    """Commit to a text: without the salt nobody can try out what it was."""
    return sha256(salt + text.encode()).hexdigest()


def _closed(event: Event) -> tuple[dict[str, Any], list[Opening]]:
    """Replace each private text of the payload by a salted commitment."""
    payload, openings = event.payload(), []
    for field in event.private:
        salt, text = secrets.token_bytes(32), payload[field]
        payload[field] = {"sha256": commitment(salt, text)}
        openings.append(Opening(field=field, salt=salt, text=text))
    return payload, openings


class OutsideTransaction(RuntimeError):
    """An entry was to be written where the act could still fail without it."""
