"""Bringing in a file: taken, mapped, read by a worker, applied in one transaction, receipted, deleted."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction

from accounts.domain import jobs
from accounts.errors import DomainError
from accounts.models import Job, Person
from accounts.tenants.context import current_schema
from consent.audit.domain import record
from consent.models import OpenGrant, Source
from consent.states import SourceKind
from scoring import events
from scoring.connectors.door import Admitted, Door, Receipt
from scoring.models import Import
from scoring.states import IMPORT_MOVES, ImportState

CONNECTORS = {
    SourceKind.CSV: "scoring.connectors.csv",
    SourceKind.SLACK: "scoring.connectors.slack",
    SourceKind.VIVA_ENGAGE: "scoring.connectors.viva_engage",
}
STATEMENT = (Path(__file__).resolve().parent.parent / "sql" / "apply_counts.sql").read_text(encoding="utf-8")
WEEK = timedelta(weeks=1)


def connector_for(source: Source) -> ModuleType:
    return import_module(CONNECTORS[SourceKind(source.kind)])


@transaction.atomic
def take_file(source: Source, *, chunks: Iterable[bytes], options: dict[str, Any], by: Person, at: datetime) -> Import:
    """Store an uploaded file until it is read.

    :param chunks: its bytes, streamed
    :raises SourceRetired: nothing more is read from it
    :raises FileTooLarge: more than settings.UPLOAD_MAX_BYTES
    """
    if source.retired_at is not None:
        raise SourceRetired(f"“{source.name}” is retired. Nothing more is read from it.")
    taken = Import(id=uuid4(), source=source, options=options, uploaded_at=at, uploaded_by=by.pk)
    taken.size, taken.sha256 = _store(path_of(taken), chunks)
    taken.save(force_insert=True)
    record(events.FileTaken(taken.pk, source.pk, taken.size), by=by, at=at)
    return taken


def path_of(taken: Import) -> Path:
    """Where the raw file lies until it is read: in a folder of the company's own."""
    return Path(settings.UPLOADS_DIR) / current_schema() / str(taken.pk)


@transaction.atomic
def begin_reading(taken: Import, *, options: dict[str, Any], by: Person, at: datetime) -> Job:
    """Have a worker read the file.

    :param options: what the connector needs to know, merged over what was known at upload
    :raises AlreadyBegun: it is read or being read
    """
    _move(taken, ImportState.READY)
    job = jobs.start(
        "read_file",
        title=f"Reading a file for “{taken.source.name}”",
        arguments={"import": str(taken.pk)},
        by=by,
        at=at,
    )
    Import.objects.filter(pk=taken.pk).update(options=taken.options | options, job=job)
    return job


@transaction.atomic
def discard(taken: Import, *, by: Person | None, at: datetime) -> None:
    """Give up a file that waits for its mapping."""
    _move(taken, ImportState.CANCELLED, finished_at=at)
    record(events.FileDiscarded(taken.pk), by=by, at=at)
    path_of(taken).unlink(missing_ok=True)


def read_file(job: Job, *, at: datetime) -> Import:
    """Read the file of this job through the door and apply its counts. Begun again after a crash, it starts afresh.

    Either the old weeks stand or the new: all that is written about people is written in one transaction.
    """
    taken = Import.objects.select_related("source").get(pk=job.arguments["import"])
    if taken.state == ImportState.READY:
        _move(taken, ImportState.READING)
    try:
        receipt = _through_the_door(taken, job, at=at)
        _apply(taken, receipt, job, at=at)
    except jobs.Cancelled:
        _give_up(taken, ImportState.CANCELLED, at=at)
        raise
    except DomainError:
        _give_up(taken, ImportState.FAILED, at=at)
        raise
    finally:
        _forget_seen()
    path_of(taken).unlink(missing_ok=True)
    return taken


def _through_the_door(taken: Import, job: Job, *, at: datetime) -> Receipt:
    """Fill the temporary table `seen`, chunk by chunk, each in its own short COPY, with progress between."""
    _make_seen()
    door = Door(_granted(taken.source), _copy, now=at)
    jobs.progress(job, 0, taken.size, "Reading")
    for position in connector_for(taken.source).read(path_of(taken), taken.options, door):
        jobs.progress(job, min(position, taken.size), taken.size, "Reading")
    return door.close()


def _apply(taken: Import, receipt: Receipt, job: Job, *, at: datetime) -> None:
    first, last, partial = weeks_covered(receipt)
    jobs.progress(job, taken.size, taken.size, "Counting", silent_for=timedelta(minutes=15))
    with transaction.atomic():
        # One file at a time for each source: two would each count half of a week.
        Source.objects.select_for_update().get(pk=taken.source_id)
        written = _apply_counts(taken.source_id, first, last, partial) if first else 0
        Import.objects.filter(pk=taken.pk).update(
            read=receipt.read,
            kept=receipt.kept,
            not_granted=receipt.not_granted,
            private=receipt.private,
            malformed=receipt.malformed,
            left_out=receipt.left_out,
            counts_written=written,
            first_week=first,
            last_week=last,
            partial_weeks=partial,
            faults=receipt.faults,
        )
        _move(taken, ImportState.DONE, finished_at=at)
        by = Person.objects.filter(pk=job.started_by).first()
        record(events.FileRead(taken.pk, receipt.read, receipt.malformed), by=by, at=at)
        jobs.finish(job, at=at, result_url=f"/manage/imports/{taken.pk}/")


def weeks_covered(receipt: Receipt) -> tuple[date | None, date | None, list[date]]:
    """The Mondays of the first and last week that the file covers, and of those it covers only in part."""
    if receipt.first_day is None or receipt.last_day is None:
        return None, None, []
    first = receipt.first_day - timedelta(days=receipt.first_day.weekday())
    last = receipt.last_day - timedelta(days=receipt.last_day.weekday())
    begins_late = {first} if receipt.first_day.weekday() != 0 else set()
    ends_early = {last} if receipt.last_day.weekday() != 6 else set()
    return first, last, sorted(begins_late | ends_early)


def _apply_counts(source: UUID, first: date, last: date | None, partial: list[date]) -> int:
    values = {"source": source, "first": first, "last": last, "partial": partial}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL jit = off")
        cursor.execute(STATEMENT, values)
        (written,) = cursor.fetchone()
    return int(written)


def _granted(source: Source) -> dict[str, Admitted]:
    """Who may come in, by the address that they sign in with."""
    grants = OpenGrant.objects.for_scoring().filter(source=source)
    rows = grants.values_list("person__email", "grant_id", "counts_from")
    return {email: Admitted(grant, counts_from) for email, grant, counts_from in rows}


def _make_seen() -> None:
    _forget_seen()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE seen (grant_id int, kind int, week int, colleague int)")


def _forget_seen() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.seen")


def _copy(chunk: bytes) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY pg_temp.seen FROM STDIN (FORMAT binary)") as copy:
        copy.write(_BINARY_BEGIN + chunk + _BINARY_END)


_BINARY_BEGIN = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_BINARY_END = b"\xff\xff"


def _store(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > settings.UPLOAD_MAX_BYTES:
                    limit = settings.UPLOAD_MAX_BYTES // 1024**3
                    raise FileTooLarge(f"The file is larger than {limit} GiB. Export smaller date ranges.")
                digest.update(chunk)
                file.write(chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size, digest.hexdigest()


def _give_up(taken: Import, state: ImportState, *, at: datetime) -> None:
    _move(taken, state, finished_at=at)
    path_of(taken).unlink(missing_ok=True)


def _move(taken: Import, state: ImportState, **changes: Any) -> None:
    """Move an import on, if it is still as we know it."""
    if state not in IMPORT_MOVES[ImportState(taken.state)]:
        raise AlreadyBegun("This file was read already, or is being read. Look at its receipt.")
    if not Import.objects.filter(pk=taken.pk, state=taken.state).update(state=state, **changes):
        raise AlreadyBegun("This file was read already, or is being read. Look at its receipt.")
    taken.state = state


def waiting_files(at: datetime) -> Iterator[Import]:
    """Uploads that nobody mapped within a day: raw files must not lie about."""
    yield from Import.objects.filter(state=ImportState.UPLOADED, uploaded_at__lt=at - timedelta(days=1))


class SourceRetired(DomainError):
    """Nothing more is read from a retired source."""


class FileTooLarge(DomainError):
    """The file exceeds what is taken."""

    status = 413


class AlreadyBegun(DomainError):
    """An import is read once."""
