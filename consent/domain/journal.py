"""The journal of those who left: a file outside the database, so that no restored backup forgets them (ADR 18).

One line of canonical JSON for each act, opaque ids only, each with the digest of the line before it, of whichever
company. A line is written and flushed before the act commits. One too many does no harm: replaying it withdraws what
was granted before it. One too few would bring somebody back; so where the file cannot be written the line waits in the
database (`Unjournaled`), and nobody who leaves is kept for it.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.dateparse import parse_datetime

from accounts.tenants.context import current_schema
from consent.domain.canonical import canonical, digest_of
from consent.models import JournalMark, Unjournaled

logger = logging.getLogger(__name__)

WITHDRAWN, ERASED = "withdrawn", "erased"
# A line younger than this may belong to a transaction that has not committed yet.
IN_FLIGHT = timedelta(minutes=1)


@dataclass(frozen=True)
class Line:
    """One act as the journal has it, and where it ends in the file."""

    act: str
    person: UUID
    at: datetime
    purpose: str
    source: str
    schema: str
    end: int
    digest: str


def withdrawn(person: UUID, what: Iterable[tuple[str, UUID]], *, at: datetime) -> None:
    """Take down that a person withdrew these purposes for these sources."""
    for purpose, source in what:
        _take_down({"act": WITHDRAWN, "person": str(person), "purpose": purpose, "source": str(source)}, at=at)


def erased(person: UUID, *, at: datetime) -> None:
    """Take down that a person asked to be erased."""
    _take_down({"act": ERASED, "person": str(person), "purpose": "", "source": ""}, at=at)


def lines() -> Iterator[Line]:
    """Every line of the current company, oldest first, with the whole file's chain checked on the way.

    :raises JournalBroken: the file is missing though this database knows it, was cut, or a line was changed
    """
    schema, known = current_schema(), mark()
    end, previous = 0, ""
    for raw in _raw_lines(known):
        end += len(raw)
        told = _parsed(raw, previous, end)
        previous = digest_of(raw.decode())
        if told["schema"] == schema:
            yield _line(told, end, previous)
    if end < known.position:
        raise JournalBroken(f"The journal ends at byte {end}, but this database knows {known.position} bytes of it.")


def begin() -> None:
    """Make the file, so that one that is not there is one that was lost."""
    path = Path(settings.ERASURE_JOURNAL)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)


def size() -> int:
    return Path(settings.ERASURE_JOURNAL).stat().st_size


def refuse_lost() -> None:
    """:raises JournalBroken: there is no file, so nobody can know who left since a backup"""
    if not Path(settings.ERASURE_JOURNAL).exists():
        raise JournalBroken(_lost())


def is_ahead(*, at: datetime) -> bool:
    """Whether the journal knows of somebody leaving of whom this database does not: it was restored, or rolled back."""
    known = mark().position
    return any(line.end > known and line.at < at - IN_FLIGHT for line in lines())


def mark() -> JournalMark:
    return JournalMark.objects.get_or_create(pk=1)[0]


@transaction.atomic
def catch_up() -> int:
    """Write the lines that wait because the file could not be written. Returns how many."""
    waiting = list(Unjournaled.objects.order_by("pk"))
    for late in waiting:
        _remember(*_append(late.line))
        late.delete()
    return len(waiting)


def _take_down(told: dict[str, str], *, at: datetime) -> None:
    told = told | {"schema": current_schema(), "at": at.isoformat()}
    try:
        _remember(*_append(told))
    except (OSError, JournalBroken) as trouble:
        logger.error("The journal of those who left took no line: %s.", type(trouble).__name__)  # noqa: TRY400
        Unjournaled.objects.create(person=told["person"], line=told)


def _append(told: dict[str, str]) -> tuple[int, str]:
    """Write one line at the end, flushed to the disk. Returns where it ends, and its digest."""
    path = Path(settings.ERASURE_JOURNAL)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        raw = (canonical(told | {"previous": _digest_of_last(file)}) + "\n").encode()
        file.write(raw)
        os.fsync(file.fileno())
        return file.seek(0, os.SEEK_END), digest_of(raw.decode())


def _digest_of_last(file: BinaryIO) -> str:
    """The digest of the last whole line. What a crash left half-written is cut off: its act never committed."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 4096))
    tail = file.read()
    torn = len(tail) - (tail.rfind(b"\n") + 1)
    if torn:
        file.truncate(size - torn)
        tail = tail[:-torn]
    last = tail.splitlines(keepends=True)[-1:]
    return digest_of(last[0].decode()) if last else ""


def _remember(end: int, digest: str) -> None:
    mark()
    JournalMark.objects.filter(pk=1, position__lt=end).update(position=end, digest=digest)


def _raw_lines(known: JournalMark) -> Iterator[bytes]:
    try:
        with Path(settings.ERASURE_JOURNAL).open("rb") as file:
            yield from (raw for raw in file if raw.endswith(b"\n"))
    except FileNotFoundError:
        if known.position:
            raise JournalBroken(_lost()) from None


def _lost() -> str:
    return (
        f"The journal of those who left is not at {settings.ERASURE_JOURNAL}. Put it back, or point ERASURE_JOURNAL to"
        " it. Only if you know that nobody has left since, make an empty file there."
    )


def _parsed(raw: bytes, previous: str, end: int) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(raw)
    except ValueError:
        told = {}
    if told.get("previous") != previous:
        raise JournalBroken(f"The journal was changed: the line that ends at byte {end} does not follow the last.")
    return told


def _line(told: dict[str, Any], end: int, digest: str) -> Line:
    at = parse_datetime(told["at"])
    assert at is not None  # noqa: S101 - the chain has shown that the line is ours
    return Line(told["act"], UUID(told["person"]), at, told["purpose"], told["source"], told["schema"], end, digest)


class JournalBroken(RuntimeError):
    """The journal is missing, cut or changed. The text says where."""
