"""Bringing in a file: taken, mapped, read by a worker, applied in one transaction, receipted, deleted."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from importlib import import_module
from time import monotonic
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from accounts.domain import jobs
from accounts.errors import DomainError, refused_as
from accounts.models import Job, Person
from accounts.states import JOB_OVER, JobState
from consent.audit.domain.recording import record
from consent.domain.data_uses import data_use
from consent.models import OpenGrant, Source
from consent.states import PurposeKey, SourceKind
from scoring import events
from scoring.connectors.door import ROWS_A_CHUNK, Admitted, Door, Receipt
from scoring.domain import raw_files
from scoring.domain.seen import Seen
from scoring.models import Import
from scoring.states import IMPORT_MOVES, ImportState

CONNECTORS = {
    SourceKind.CSV: "scoring.connectors.csv",
    SourceKind.SLACK: "scoring.connectors.slack",
    SourceKind.VIVA_ENGAGE: "scoring.connectors.viva_engage",
    SourceKind.TEAMS: "scoring.connectors.teams",
    SourceKind.MAIL: "scoring.connectors.mail",
    SourceKind.GIT: "scoring.connectors.git_log",
}
# Whoever withdraws takes this lock first and then those of their grants. We do the same, so that neither deadlocks.
HOLD_PEOPLE = """
    SELECT FROM accounts_person WHERE id IN (
        SELECT person_id FROM consent_opengrant WHERE grant_id IN (SELECT grant_id FROM pg_temp.counted)
    ) ORDER BY id FOR NO KEY UPDATE
"""
APPLY = """
    SELECT scoring_apply_counts(
        %(source)s, %(whole)s, array_agg(grant_id), array_agg(kind), array_agg(week), array_agg(colleagues)
    ) FROM pg_temp.counted
"""
SECONDS_BETWEEN_SIGNS = 1
COUNTING_TAKES_LESS_THAN = timedelta(minutes=15)


def connector_for(source: Source) -> ModuleType:
    return import_module(CONNECTORS[SourceKind(source.kind)])


def take_file(
    source: Source,
    *,
    chunks: Iterable[bytes],
    addresses: Iterable[bytes] = (),
    options: dict[str, Any] | None = None,
    by: Person,
    at: datetime,
) -> Import:
    """Store an uploaded file until it is read, if it looks like one that can be.

    :param chunks: its bytes, streamed
    :param addresses: for Slack, a CSV of id and e-mail address, where the export has none; streamed
    :raises SourceRetired: nothing more is read from it
    :raises SourceStopped: nothing is taken in until it is started again
    :raises FileTooLarge: more than settings.UPLOAD_MAX_BYTES
    :raises FileRefused: it is not what this kind of source exports
    """
    if source.retired_at is not None:
        raise SourceRetired(f"“{source.name}” is retired. Nothing more is read from it.")
    if source.stopped_at is not None:
        raise SourceStopped(f"“{source.name}” is stopped. Start it again before you bring in a file.")
    taken = Import(id=uuid4(), source=source, options=options or {}, uploaded_at=at, uploaded_by=by.pk)
    with raw_files.kept(taken.pk, chunks, addresses) as (taken.size, taken.sha256):
        connector_for(source).inspect(raw_files.path_of(taken.pk))
        with transaction.atomic():
            taken.save(force_insert=True)
            record(events.FileTaken(taken.pk, source.pk, taken.size), by=by, at=at)
    return taken


def bring_in(source: Source, *, by: Person, at: datetime, **file: Any) -> Job:
    """Take in a file that needs no mapping, as `take_file` does, and have a worker read it."""
    return begin_reading(take_file(source, by=by, at=at, **file), options={}, by=by, at=at)


@transaction.atomic
def begin_reading(taken: Import, *, options: dict[str, Any], by: Person, at: datetime) -> Job:
    """Have a worker read the file.

    :param options: what the connector needs to know, merged over what was known at upload
    :raises AlreadyBegun: it is read or being read
    """
    job = jobs.start(
        "read_file",
        title=f"Reading a file for “{taken.source.name}”",
        arguments={"import": str(taken.pk)},
        by=by,
        at=at,
    )
    with refused_as(_STOPPED):
        _move(taken, ImportState.READY, options=taken.options | options, job=job)
    return job


def discard(taken: Import, *, by: Person | None, at: datetime) -> None:
    """Give up a file that waits for its mapping."""
    _give_up(taken, ImportState.CANCELLED, by=by, at=at)


def read_file(job: Job, *, at: datetime) -> Import:
    """Read the file of this job through the door and apply its counts. Begun again after a crash, it starts afresh.

    Either the old weeks stand or the new: all that is written about people is written in one transaction.

    :raises FileGone: the raw file is not where it was left
    """
    taken = Import.objects.select_related("source").get(pk=job.arguments["import"])
    by = Person.objects.filter(pk=job.started_by).first()
    try:
        if taken.state != ImportState.READING:
            with refused_as(_STOPPED):
                _move(taken, ImportState.READING)
        with Seen() as seen:
            receipt = _through_the_door(taken, job, seen, at=at)
            jobs.progress(job, taken.size, taken.size, "Counting", silent_for=COUNTING_TAKES_LESS_THAN)
            seen.count()
            with refused_as(_STOPPED):
                _apply(taken, receipt, job, by=by, at=at)
    except jobs.Cancelled:
        _give_up(taken, ImportState.CANCELLED, by=by, at=at)
        raise
    except DomainError:
        _give_up(taken, ImportState.FAILED, by=by, at=at)
        raise
    raw_files.delete(taken.pk)
    return taken


def _through_the_door(taken: Import, job: Job, seen: Seen, *, at: datetime) -> Receipt:
    """Read chunk by chunk; once a second say how far we are and learn whether to stop."""
    path, told = raw_files.path_of(taken.pk), monotonic()
    if not path.exists():
        raise FileGone("The uploaded file is not there any more. Upload it again.")
    door = Door(_granted(taken.source), seen.take, now=at)
    jobs.progress(job, 0, taken.size, "Reading")
    for position in connector_for(taken.source).read(path, taken.options, door):
        door.flush(at_least=ROWS_A_CHUNK)
        if monotonic() - told > SECONDS_BETWEEN_SIGNS:
            seen.rest()
            jobs.progress(job, min(position, taken.size), taken.size)
            told = monotonic()
    receipt = door.close()
    seen.rest()
    return receipt


def _apply(taken: Import, receipt: Receipt, job: Job, *, by: Person | None, at: datetime) -> None:
    weeks = weeks_covered(receipt.days)
    with transaction.atomic():
        # One file at a time for each source: two would each count half of a week.
        Source.objects.select_for_update(no_key=True).get(pk=taken.source_id)
        with data_use(PurposeKey.SCORING, by=by, about=_people_of(taken.source), reason="Counting a file", at=at):
            written = _apply_counts(taken.source_id, weeks)
        _move(
            taken,
            ImportState.DONE,
            finished_at=at,
            read=receipt.read,
            kept=receipt.kept,
            not_granted=receipt.not_granted,
            private=receipt.private,
            malformed=receipt.malformed,
            left_out=receipt.left_out,
            counts_written=written,
            first_week=min(weeks, default=None),
            last_week=max(weeks, default=None),
            partial_weeks=sorted(week for week, is_whole in weeks.items() if not is_whole),
            faults=receipt.faults,
        )
        record(events.FileRead(taken.pk, receipt.read, receipt.malformed), by=by, at=at)
        jobs.finish(job, at=at, result_url=f"/manage/imports/{taken.pk}/")


def weeks_covered(days: frozenset[int]) -> dict[date, bool]:
    """The Mondays of the weeks in which anything happened, and whether the file covers each of them wholly.

    Only its first and last week can be covered in part. A week without a row is not covered at all: that is a gap in
    the file, or a stray date far from the others, and no reason to take away what was counted.

    :param days: proleptic ordinals
    """
    mondays = {day - (day - 1) % 7 for day in days}
    first, last = min(days, default=0), max(days, default=0)
    return {date.fromordinal(monday): first <= monday and monday + 6 <= last for monday in mondays}


def _apply_counts(source: UUID, weeks: dict[date, bool]) -> int:
    values: dict[str, Any] = {"source": source, "whole": [week for week, is_whole in weeks.items() if is_whole]}
    with connection.cursor() as cursor:
        cursor.execute(HOLD_PEOPLE)
        cursor.execute(APPLY, values)
        (written,) = cursor.fetchone()
    return int(written)


def _granted(source: Source) -> dict[str, Admitted]:
    """Who may come in, by the address that they sign in with."""
    grants = OpenGrant.objects.for_scoring().filter(source=source)
    rows = grants.values_list("person__email", "grant_id", "counts_from")
    return {email: Admitted(grant, counts_from) for email, grant, counts_from in rows}


def _people_of(source: Source) -> list[UUID]:
    people = OpenGrant.objects.for_scoring().filter(source=source).values_list("person_id", flat=True)
    return list(people.distinct())


def _give_up(taken: Import, state: ImportState, *, by: Person | None, at: datetime) -> None:
    with transaction.atomic():
        _move(taken, state, finished_at=at)
        record(events.FileGivenUp(taken.pk, state.label), by=by, at=at)
    raw_files.delete(taken.pk)


def _move(taken: Import, state: ImportState, **changes: Any) -> None:
    """Move an import on, if it is still as we know it."""
    as_known = Import.objects.filter(pk=taken.pk, state=taken.state)
    if state not in IMPORT_MOVES[ImportState(taken.state)] or not as_known.update(state=state, **changes):
        raise AlreadyBegun("This file was read already, or is being read. Look at its receipt.")
    taken.state = state


def clear_raw_files(*, at: datetime) -> None:
    """Delete raw files that nobody waits for: not mapped within a day, or of a job that ended without reading them."""
    unmapped = Import.objects.filter(state=ImportState.UPLOADED, uploaded_at__lt=at - timedelta(days=1))
    for taken in unmapped:
        discard(taken, by=None, at=at)
    begun = Import.objects.filter(state__in=[ImportState.READY, ImportState.READING])
    for taken in begun.filter(job__state=JobState.CANCELLED):
        _give_up(taken, ImportState.CANCELLED, by=None, at=at)
    for taken in begun.filter(job__state__in=JOB_OVER):
        _give_up(taken, ImportState.FAILED, by=None, at=at)
    strays = raw_files.uploads_older_than(at - timedelta(hours=1))
    for upload in strays - set(Import.objects.filter(finished_at__isnull=True).values_list("pk", flat=True)):
        raw_files.delete(upload)


class SourceRetired(DomainError):
    """Nothing more is read from a retired source."""


class SourceStopped(DomainError):
    """Nothing is taken in until it is started again."""


class FileGone(DomainError):
    """The raw file was deleted before it was read."""


class AlreadyBegun(DomainError):
    """An import is read once."""


_STOPPED = {"source_is_not_stopped": (SourceStopped, "The source was stopped meanwhile. Nothing of the file is kept.")}
