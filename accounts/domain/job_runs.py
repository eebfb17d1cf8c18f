"""Doing a job in a worker, so that whatever happens the person who watches it gets a sentence."""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError

from accounts.domain import jobs
from accounts.errors import DomainError
from accounts.models import Job
from accounts.states import JobState

logger = logging.getLogger(__name__)

UNEXPECTED = (
    "Something went wrong that nobody foresaw. What was there before is unchanged."
    " Start it again; if it happens again, give the operator this job’s number: {number}."
)


def run(job_id: UUID | str, *, clock: Callable[[], datetime]) -> None:
    """Take a waiting job and do it. Does nothing when another worker has it or it is over."""
    try:
        job = jobs.lease(job_id, at=clock())
    except (jobs.NotWaiting, jobs.LeaseLost):
        return
    try:
        _do(job, clock=clock)
    except jobs.LeaseLost:
        logger.warning("Job %s went on without this worker, whose lease had run out.", job.pk)
    except (OperationalError, InterfaceError) as lost:
        # Where the database could not be reached nothing can be written. The job is begun again when its lease ends.
        logger.warning("Job %s lost the database: %s.", job.pk, type(lost).__name__)


def _do(job: Job, *, clock: Callable[[], datetime]) -> None:
    try:
        result_url = jobs.function_of(job.kind)(job)
        if job.state == JobState.RUNNING:
            jobs.finish(job, at=clock(), result_url=result_url or "")
    except jobs.Cancelled:
        jobs.stop(_as_leased(job), at=clock())
    except DomainError as refusal:
        jobs.fail(_as_leased(job), str(refusal), at=clock())
    except (OperationalError, InterfaceError, jobs.LeaseLost):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, the person must not wait for ever
        logger.error("Job %s failed: %s at %s", job.pk, type(error).__name__, _place(error))  # noqa: TRY400
        jobs.fail(_as_leased(job), UNEXPECTED.format(number=job.pk), at=clock())


def _as_leased(job: Job) -> Job:
    """The job as this worker took it: a transaction that was rolled back may have left a state that never was."""
    job.state = JobState.RUNNING
    return job


def _place(error: Exception) -> str:
    """Where it happened. Not the message: it may quote what people wrote."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"
