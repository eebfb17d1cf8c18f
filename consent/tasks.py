"""What workers do for consent."""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.domain import jobs
from accounts.models import Job, Person
from accounts.states import JOB_OVER
from accounts.tenants.kicks import company_task, kick
from consent.audit.domain.verification import verify
from consent.audit.domain.witnessing import submit_to_all
from consent.audit.models import Checkpoint, Verification, Witness
from consent.domain import (
    access_exports,
    closing,
    deadlines,
    eraser,
    export_files,
    ledger_exports,
    replay,
    retention,
    sources,
)
from consent.domain.approvals_mail import remind_deciders
from consent.domain.erasing import start_erasing
from consent.models import Erasure, Source

VERIFY = "verify_ledger"
BETWEEN_VERIFICATIONS = timedelta(days=1)


def verify_ledger(job: Job) -> str:
    """Read the whole ledger against its tree; the ledger's pages say what came of it."""
    verification = verify(at=timezone.now(), progress=lambda done, total: jobs.progress(job, done, total, "Reading"))
    message = verification.finding or f"{verification.size:,} entries verified."
    with transaction.atomic():
        jobs.finish(job, at=timezone.now(), result_url=reverse("compliance:ledger"), message=message)
    return job.result_url


def verify_daily(*, at: datetime) -> None:
    """Have each sealed ledger read through once a day, whether anybody asks or not."""
    is_fresh = Verification.objects.filter(at__gt=at - BETWEEN_VERIFICATIONS).exists()
    is_queued = Job.objects.filter(kind=VERIFY).exclude(state__in=JOB_OVER).exists()
    if Checkpoint.objects.exists() and not is_fresh and not is_queued:
        jobs.start(VERIFY, title="Verify the ledger", arguments={}, by=None, at=at)


def remove_source(job: Job) -> str:
    """Remove a source with all that was counted of it."""
    source = Source.objects.get(pk=job.arguments["source"])
    by = Person.objects.filter(pk=job.started_by).first()
    step = partial(jobs.progress, job, phase="Deleting what was counted")
    sources.remove_source(source, by=by, at=timezone.now(), step=step)
    return reverse("manage:source", args=[source.pk])


def remind_of_approvals(*, at: datetime) -> None:
    """Remind those who can decide of deadlines a day ahead. Called by the tick in each open company."""
    remind_deciders(at=at)


def export_ledger(job: Job) -> None:
    """Write an export; its domain ends the job itself, together with what it wrote."""
    ledger_exports.write_export(job, clock=timezone.now)


def export_own_data(job: Job) -> None:
    """Write a person's own file; its domain ends the job itself, together with what it wrote."""
    access_exports.write_access_export(job, clock=timezone.now)


def remove_expired_exports(*, at: datetime) -> None:
    """Delete files whose week is over. Called by the tick."""
    export_files.remove_expired(at=at)


def record_missed_deadlines(*, at: datetime) -> None:
    """Put on record what has become overdue, and alarm the officers. Called by the tick."""
    deadlines.record_missed(at=at)


def send_digest(*, at: datetime) -> None:
    """Tell officers in the morning what is overdue or due soon. Called by the tick."""
    deadlines.send_digest(at=at)


def watch_fence(*, at: datetime) -> None:
    """Look whether the journal of those who left knows more than this database. Called by the tick."""
    replay.watch(at=at)


def replay_journal(job: Job) -> None:
    """Let those leave again who left since the backup that was restored."""
    replay.replay(job, at=timezone.now())


def purge(job: Job) -> None:
    """Delete what is older than it may be kept."""
    retention.purge(job, at=timezone.now())


def purge_nightly(*, at: datetime) -> None:
    """Once a night, from three o'clock in the company's own time. Called by the tick."""
    retention.order_nightly(at=at)


def close_company(job: Job) -> str:
    """Export a company's ledger, then drop the company."""
    return closing.close(job, clock=timezone.now)


def erase_people(job: Job) -> None:
    """Erase everybody whose turn it is."""
    eraser.erase_waiting(job, clock=timezone.now)


def erase_who_waits(*, at: datetime) -> None:
    """See to it that nobody waits whose turn it is: a worker may have died, something be left. Called by the tick."""
    unwritten = Erasure.objects.filter(erased_at__isnull=False, rewritten_at=None)
    if Erasure.objects.waiting().exists() or unwritten.exists():
        start_erasing(at=at)


def kick_witnesses(*, at: datetime) -> None:  # noqa: ARG001 - the tick hands it to all
    """Have the ledger witnessed. Called by the tick, which waits for no network."""
    if Witness.objects.asked_by_us().exists():
        kick("consent.tasks.ask_witnesses")


@company_task
def ask_witnesses() -> None:
    """Ask every witness that has an address to sign the newest checkpoint."""
    submit_to_all(at=timezone.now())
