"""The file of the journal (ADR 18): lines of canonical JSON, each with the digest of the line before it.

Its first line names nobody and is like no other's, so that a new file is never taken for the one that was lost.
"""

import errno
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.utils.dateparse import parse_datetime

from accounts.errors import DomainError
from consent.domain.canonical import canonical, digest_of

BEGUN = "begun"
# No line is longer: a schema has 40 characters, a purpose 40, the rest is fixed.
LONGEST = 4096


@dataclass(frozen=True)
class Place:
    """So many bytes of the journal, and the digest of the line that ends there."""

    end: int = 0
    digest: str = ""


@dataclass(frozen=True)
class Line:
    """One act as the journal has it, and its place."""

    act: str
    person: UUID
    at: datetime
    purpose: str
    source: str
    place: Place


def path() -> Path:
    return Path(settings.ERASURE_JOURNAL)


def begin() -> None:
    """Make the journal where there is none, on the disk before this returns."""
    path().parent.mkdir(parents=True, exist_ok=True)
    path().touch(mode=0o600)
    with _locked(fcntl.LOCK_EX) as file:
        if not file.seek(0, os.SEEK_END):
            _write(file, {"act": BEGUN, "schema": "", "mark": secrets.token_hex(16)}, Place())
    folder = os.open(path().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def append(told: dict[str, str], *, known: Place) -> Place:
    """Write one line at the end, flushed to the disk. Returns its place.

    :raises OSError: the disk did not take the whole line; nothing of it is left there
    :raises JournalBroken: this is not the journal that has `known`
    """
    with _locked(fcntl.LOCK_EX) as file:
        _refuse_other(file, known)
        return _write(file, told, _tail(file))


def lines(schema: str, *, known: Place = Place(), start: Place = Place()) -> Iterator[Line | Place]:
    """What a company's people did after `start`, oldest first, and last of all the journal's end.

    :param known: a place that this journal must have
    :raises JournalBroken: the file is missing, another one, was cut, or a line was changed
    """
    with _whole() as file:
        end = _end_of_lines(file)
        _refuse_other(file, known)
        before = _line_before(file, start.end)
    place = Place(start.end, digest_of(before) if before else "")
    with path().open("rb") as file:
        file.seek(start.end)
        while place.end < end:
            raw = file.readline()
            told = _following(raw, place)
            place = Place(place.end + len(raw), digest_of(raw.decode()))
            if told["schema"] == schema:
                yield _line(told, place)
    yield place


def tail() -> Place:
    """The end of the journal."""
    with _whole() as file:
        end = _end_of_lines(file)
        return Place(end, digest_of(_line_before(file, end)) if end else "")


def size() -> int:
    """How many bytes it has; 0 where there is none."""
    return path().stat().st_size if path().exists() else 0


def refuse_other(known: Place) -> None:
    """:raises JournalBroken: the file is missing, cut, or not the one that has `known`"""
    with _whole() as file:
        _refuse_other(file, known)


def set_aside(*, at: datetime) -> Path | None:
    """Move the journal away, and begin another. Returns where the old one is, if there was one."""
    aside = path().with_name(f"{path().name}.{at:%Y%m%dT%H%M%S}")
    found = path().exists()
    if found:
        path().rename(aside)
    begin()
    return aside if found else None


def _write(file: BinaryIO, told: dict[str, str], after: Place) -> Place:
    raw = (canonical(told | {"previous": after.digest}) + "\n").encode()
    # The kernel may take a part of it and say so in a number alone.
    if file.write(raw) != len(raw):
        file.truncate(after.end)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(file.fileno())
    return Place(after.end + len(raw), digest_of(raw.decode()))


def _tail(file: BinaryIO) -> Place:
    """The end, for whoever writes. What a crash left half-written is cut off: its act never committed."""
    end = _end_of_lines(file)
    if not end:
        raise JournalBroken("The journal of those who left is empty: not even its first line is there.")
    file.truncate(end)
    return Place(end, digest_of(_line_before(file, end)))


def _end_of_lines(file: BinaryIO) -> int:
    size = file.seek(0, os.SEEK_END)
    begin = max(0, size - LONGEST)
    file.seek(begin)
    return begin + file.read().rfind(b"\n") + 1


def _line_before(file: BinaryIO, end: int) -> str:
    """The line that ends there, or what stands there instead."""
    begin = max(0, end - LONGEST)
    file.seek(begin)
    found = file.read(end - begin).splitlines(keepends=True)
    return found[-1].decode(errors="replace") if found else ""


def _refuse_other(file: BinaryIO, known: Place) -> None:
    size = file.seek(0, os.SEEK_END)
    if size < known.end:
        raise JournalBroken(
            f"The journal of those who left at {path()} ends at byte {size:,}, but this database knows"
            f" {known.end:,} bytes of it: it was cut, or is another one. Put the whole one back."
        )
    if known.digest and digest_of(_line_before(file, known.end)) != known.digest:
        raise JournalBroken(
            f"The journal of those who left at {path()} is another one: the line that ends at byte {known.end:,} is"
            " not the one that this database knows. Put the right one back."
        )


def _following(raw: bytes, before: Place) -> dict[str, str]:
    try:
        told: dict[str, str] = json.loads(raw)
    except ValueError:
        told = {}
    if told.get("previous") != before.digest:
        raise JournalBroken(
            f"The journal of those who left at {path()} was changed: the line after byte {before.end:,} does not"
            " follow the one before it. Put an unharmed copy back."
        )
    return told


def _line(told: dict[str, str], place: Place) -> Line:
    at = parse_datetime(told["at"])
    assert at is not None  # noqa: S101 - the chain has shown that the line is ours
    return Line(told["act"], UUID(told["person"]), at, told["purpose"], told["source"], place)


@contextmanager
def _whole() -> Iterator[BinaryIO]:
    """The file while nobody is writing. A line that a crash left half-written may still stand at its end."""
    try:
        with _locked(fcntl.LOCK_SH) as file:
            yield file
    except FileNotFoundError:
        raise JournalBroken(_lost()) from None


@contextmanager
def _locked(how: int) -> Iterator[BinaryIO]:
    """The file at our path, and not one that was moved away while we waited for the others."""
    while True:
        descriptor = os.open(path(), os.O_RDWR | os.O_APPEND)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            fcntl.flock(file, how)
            here, there = os.fstat(file.fileno()), path().stat()
            if (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino):
                yield file
                return


def _lost() -> str:
    return (
        f"The journal of those who left is not at {path()}. Put it back, or point ERASURE_JOURNAL to it. Only if it is"
        " lost for good: “manage.py begin_journal”."
    )


class JournalBroken(DomainError):
    """The journal is missing, cut or changed. The text says where, and what to do."""
