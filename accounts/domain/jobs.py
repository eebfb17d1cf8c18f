"""Long work: started here, done by a worker, watched on a page.

A worker holds a lease, and the number of the attempt is its fencing token: whatever a worker writes here names both,
so one whose lease was taken over finds no row to write to, and stops.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from accounts import events
from accounts.errors import DomainError
from accounts.models import Job
from accounts.states import JOB_MOVES, JOB_OVER, JobState
from accounts.tenants.kicks import kick
from consent.audit.domain.recording import record

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
TASK = "accounts.tasks.run_job"


class Starter(Protocol):
    """Whoever starts or cancels: a person, known by their opaque id."""

    id: UUID


@transaction.atomic
def start(kind: str, *, title: str, arguments: dict[str, Any], by: Starter | None, at: datetime) -> Job:
    """Queue work of a kind that settings.JOBS names, and ask a worker to look for it once this commits.

    :param arguments: plain JSON; the function of that kind reads them from its job
    :param by: who may watch and cancel it; None for the machine itself
    :raises UnknownKind: settings.JOBS has no such kind
    """
    function_of(kind)
    job = Job.objects.create(
        kind=kind, title=title, arguments=arguments, started_by=by.id if by else None, created_at=at
    )
    kick(TASK, str(job.pk))
    return job


def function_of(kind: str) -> Callable[[Job], str | None]:
    """Find the function that does this kind of work. It gets the job and returns the address of its result, if any."""
    if kind not in settings.JOBS:
        raise UnknownKind(kind)
    function: Callable[[Job], str | None] = import_string(settings.JOBS[kind])
    return function


def lease(job_id: UUID | str, *, at: datetime) -> Job:
    """Take a waiting job for this worker, for LEASE.

    The attempt is counted, and committed, before any work: a job that kills its worker must not do so for ever.

    :raises NotWaiting: it is over, another worker has it, or it was never there
    """
    job: Job | None = Job.objects.filter(pk=job_id, state=JobState.QUEUED).first()
    if job is None:
        raise NotWaiting(job_id)
    if job.attempts >= MOST_ATTEMPTS:
        fail(job, f"It was begun {MOST_ATTEMPTS} times and never came to its end. Nothing more is tried.", at=at)
        raise NotWaiting(job_id)
    _move(job, JobState.RUNNING, attempts=F("attempts") + 1, lease_until=at + LEASE)
    return job


def progress(
    job: Job,
    done: int,
    total: int | None = None,
    phase: str | None = None,
    *,
    silent_for: timedelta = LEASE,
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Say how far the job is, and keep the lease. Call it every few seconds, outside any transaction of your own:
    inside one, nobody would see it and the lease would run out. Or name another connection, which stands in the
    same company (`beside`), while this one reads on.

    :param phase: what is being done now, in words; None keeps the last
    :param silent_for: how long the next step may take before the job counts as abandoned
    :raises Cancelled: somebody asked to stop; leave everything as it was
    :raises LeaseLost: another worker has the job; stop without writing
    """
    told = {"done": done, "total": total} | ({} if phase is None else {"phase": phase})
    with transaction.atomic(using=using, durable=True):
        wanted = _held(job, using).filter(cancel_requested_at__isnull=True)
        written = wanted.update(lease_until=Now() + silent_for, **told)
    if not written:
        raise Cancelled(job.pk) if _held(job, using).exists() else LeaseLost(job.pk)


def finish(job: Job, *, at: datetime, result_url: str = "", message: str = "") -> None:
    """End a job well. Call it inside the transaction that writes the result: then both stand or neither does,
    and a worker that has lost its lease writes nothing.

    :raises LeaseLost: another worker has the job
    """
    _move(job, JobState.DONE, finished_at=at, lease_until=None, result_url=result_url, message=message)


def fail(job: Job, sentence: str, *, at: datetime) -> None:
    """End a job badly, with a sentence for the person who watches it.

    :raises LeaseLost: another worker has the job
    """
    _move(job, JobState.FAILED, finished_at=at, lease_until=None, message=sentence)


def stop(job: Job, *, at: datetime) -> None:
    """End a job that somebody asked to cancel."""
    _move(job, JobState.CANCELLED, finished_at=at, lease_until=None)


@transaction.atomic
def request_cancel(job: Job, *, by: Starter, at: datetime) -> None:
    """Ask a job to stop. One that waits is over at once; one that runs stops at its next sign of progress.

    :raises JobIsOver: there is nothing left to cancel
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state in JOB_OVER:
        raise JobIsOver(f"“{job.title}” is over already, so there is nothing left to cancel.")
    if job.cancel_requested_at is not None:
        return
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=at)
    if job.state == JobState.QUEUED:
        stop(job, at=at)
    record(events.JobCancelled(job.pk), by=by, at=at)


def kick_due(*, at: datetime) -> int:
    """Let go of jobs whose worker has fallen silent, and ask for every job that still waits. Returns how many."""
    for job in Job.objects.filter(state=JobState.RUNNING, lease_until__lt=at):
        _let_go(job, at=at)
    # A job just started has its own kick on the way.
    waiting = Job.objects.filter(state=JobState.QUEUED, created_at__lt=at - LEASE).values_list("pk", flat=True)
    for pk in waiting:
        kick(TASK, str(pk))
    return len(waiting)


def put_back_running(*, at: datetime) -> None:
    """Take every running job from its worker, to be begun again later. For companies that are being suspended."""
    for job in Job.objects.filter(state=JobState.RUNNING):
        _let_go(job, at=at)


def _let_go(job: Job, *, at: datetime) -> None:
    unchanged = {"lease_until": job.lease_until, "cancel_requested_at": job.cancel_requested_at}
    try:
        if job.cancel_requested_at:
            stop(job, at=at)
        else:
            _move(job, JobState.QUEUED, only_if=unchanged, lease_until=None)
    except LeaseLost:
        return  # Its worker spoke up, or ended it, in this very moment.


def _held(job: Job, using: str) -> QuerySet[Job]:
    return Job.objects.using(using).filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)


def _move(job: Job, state: JobState, *, only_if: dict[str, Any] | None = None, **changes: Any) -> None:
    """Move a job on, if it is still as we know it."""
    if state not in JOB_MOVES[JobState(job.state)]:
        raise ForbiddenMove(f"{job.state} → {state}")
    as_known = Job.objects.filter(pk=job.pk, state=job.state, attempts=job.attempts, **(only_if or {}))
    if not as_known.update(state=state, **changes):
        raise LeaseLost(job.pk)
    job.refresh_from_db()


class JobIsOver(DomainError):
    """Nothing follows a job that is done, failed or cancelled."""


class NotWaiting(Exception):
    """The job need not be done now, or not by this worker."""


class Cancelled(Exception):
    """Somebody asked this job to stop."""


class LeaseLost(Exception):
    """Another worker has this job: whoever still works on it stops without writing."""


class UnknownKind(LookupError):
    """settings.JOBS names no function for this kind of work."""


class ForbiddenMove(RuntimeError):
    """JOB_MOVES does not know this move."""
