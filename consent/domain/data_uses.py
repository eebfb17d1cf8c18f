"""Looking at rows about people. Without a data use PostgreSQL refuses (consent/sql/gate.sql)."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone
from psycopg.errors import ObjectNotInPrerequisiteState

from accounts.errors import DomainError, Remedy
from accounts.models import Person
from accounts.states import Permission
from accounts.tenants.context import beside, current_time_zone
from consent.audit.domain.alarms import open_alarms
from consent.domain import fence
from consent.states import PurposeKey

RECEIPTS = "receipts"
OPEN = "SELECT use_id, asked, allowed, reader_may FROM gate_open(%s, %s, %s, %s, %s, %s)"


STARTED = (
    "The database was started, and might be an older copy. Nothing about people is read until the journal of those who"
    " left has shown that nobody is forgotten. "
)
RESTORED = (
    "This database was restored from a backup, or its server from a copy. Nothing about people is read until everybody"
    " who left since has left again, by the journal kept elsewhere. "
)
REPLAYING = "That goes on by itself and is done within minutes. Leaving works as ever."
JOURNAL_HARMED = (
    "That journal cannot be read now. Whoever runs this installation has been told what to do, on the"
    " page of its health. Leaving works as ever."
)


@dataclass(frozen=True)
class Use:
    """What the gate has put on record: how many people were asked for, and how many of them allow it."""

    id: UUID
    asked: int
    allowed: int


@contextmanager
def data_use(
    purpose: PurposeKey, *, by: Person | None, about: Iterable[UUID] | None, reason: str, at: datetime
) -> Iterator[Use]:
    """Put a use of data on record, then read under it: inside the block, rows of the people who allow it are there.

    The receipt is committed on a connection of its own before this returns, so that no rollback takes it back. It
    is bound to the transaction that goes on here, and to no other.

    :param by: the reader; None for the machine itself
    :param about: opaque ids; None for everyone who has granted the purpose
    :param reason: why, in words that the people concerned will read
    :raises ReaderRefused: this reader may not use data for this purpose; the attempt is on record
    :raises ReadingStopped: a witness remembers another ledger, or the data was restored; only what deletes goes on
    """
    with transaction.atomic():
        use, reader_may = _open(purpose, by, about, reason, at)
        if not reader_may:
            raise ReaderRefused("You may not look at that for this purpose. The attempt is on record.")
        yield use


def own_view(person: Person, *, reason: str, at: datetime) -> AbstractContextManager[Use]:
    """A person looks at what is kept of themselves."""
    return data_use(PurposeKey.OWN_VIEW, by=person, about=[person.pk], reason=reason, at=at)


def _open(
    purpose: PurposeKey, by: Person | None, about: Iterable[UUID] | None, reason: str, at: datetime
) -> tuple[Use, bool]:
    values: list[Any] = [
        purpose,
        by and by.pk,
        None if about is None else list(about),
        reason,
        _current_transaction(),
        at,
    ]
    beside(RECEIPTS)
    try:
        use, asked, allowed, reader_may = _ask_gate(values)
    except GateShut:
        if not fence.goes_on(using=RECEIPTS):
            raise _why_stopped() from None
        use, asked, allowed, reader_may = _ask_gate(values)
    return Use(use, asked, allowed), reader_may


def _ask_gate(values: list[Any]) -> tuple[UUID, int, int, bool]:
    with connections[RECEIPTS].cursor() as cursor:
        try:
            cursor.execute(OPEN, values)
        except OperationalError as error:
            if isinstance(error.__cause__, ObjectNotInPrerequisiteState):
                raise GateShut from None
            raise
        found: tuple[UUID, int, int, bool] = cursor.fetchone()
    return found


def _why_stopped() -> "ReadingStopped":
    if fence.is_fenced(using=RECEIPTS):
        before = STARTED if fence.is_merely_restarted(using=RECEIPTS) else RESTORED
        return FencedOff(before + (JOURNAL_HARMED if fence.trouble() else REPLAYING))
    alarm = open_alarms().first()
    since = f" since {timezone.localtime(alarm.raised_at, current_time_zone()):%-d %B %Y, %H:%M}" if alarm else ""
    return ReadingStopped(
        f"Reading about people is stopped{since}: somebody outside remembers more of the ledger than it holds, so this"
        " database was restored or rewritten. A compliance officer has to look into it first. Leaving works as ever."
    )


def _current_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


class ReaderRefused(DomainError):
    """The purpose has other readers."""

    status = 403


class ReadingStopped(DomainError):
    """An alarm of the ledger stands."""

    status = 503
    title = "Nothing about people is read now"
    remedy: ClassVar[Remedy | None] = Remedy(Permission.MANAGE_WITNESSES, "compliance:witnesses", "See the alarm")


class FencedOff(ReadingStopped):
    """The data was restored, and the journal of those who left is not replayed yet."""

    remedy = None


class GateShut(Exception):
    """PostgreSQL opens the gate to nobody now."""
