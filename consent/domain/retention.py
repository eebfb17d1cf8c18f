"""What is too old goes by itself, every night, in batches (consent/sql/retention.sql)."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.domain import jobs
from accounts.models import Job
from accounts.tenants.context import current_time_zone
from consent import events
from consent.audit.domain.recording import record
from consent.domain.data_map import DataKind, data_map
from consent.domain.obligations import fulfil, open_obligation
from consent.models import Obligation, PurposeVersion
from consent.states import ObligationKind, Outcome

JOB_KIND = "purge"
HOUR = 3
BATCH = 10_000


@dataclass(frozen=True)
class Kept:
    """How long one kind of data is kept, and what the next purge takes; None where that could tell on one."""

    kind: DataKind
    keeps_for: timedelta
    purpose: str
    expiring: int | None


def order_nightly(*, at: datetime) -> None:
    """Once a night, from three o'clock in the company's own time, promise a purge and have a worker do it."""
    local = at.astimezone(current_time_zone())
    night = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    tonight = night if local >= night else night - timedelta(days=1)
    if Job.objects.filter(kind=JOB_KIND, created_at__gte=tonight).exists():
        return
    with transaction.atomic():
        if not _promised().exists():
            open_obligation(ObligationKind.RETENTION_PURGE, person=None, by=None, at=at)
        jobs.start(JOB_KIND, title="Deleting what is too old to be kept", arguments={}, by=None, at=at)


def purge(job: Job, *, at: datetime) -> None:
    """Delete everything that is too old, batch by batch, each on the record; then the night's promise is kept."""
    promise = _promised().order_by("opened_at").first()
    if promise is None:
        return
    done = 0
    for kind in aging_kinds():
        while rows := _purge_batch(kind.table, promise, at=at):
            done += rows
            jobs.progress(job, done, phase=f"Deleting old rows of {kind.name}")
    fulfil(promise, Outcome.COMPLETE, by=None, at=at)


def aging_kinds() -> list[DataKind]:
    """What grows too old. What others name goes after those who name it."""
    aging = [kind for kind in data_map() if kind.ages_by]
    return sorted(aging, key=lambda kind: (bool(kind.kept_while_named_in), kind.table))


def kept(*, at: datetime) -> list[Kept]:
    """How long each kind is kept, and what tomorrow's purge will take."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_expiring(%s)", [at + timedelta(days=1)])
        expiring = json.loads(cursor.fetchone()[0])
    purposes = {version.purpose: version for version in PurposeVersion.objects.current()}
    return [_kept(kind, purposes.get(kind.kept_by), expiring[kind.table]) for kind in aging_kinds()]


def _kept(kind: DataKind, purpose: PurposeVersion | None, expiring: int | None) -> Kept:
    keeps_for = purpose.keeps_for if purpose else kind.keeps_for
    assert keeps_for is not None  # noqa: S101 - what ages has a time; a guard test sees to it
    return Kept(kind, keeps_for, purpose.title if purpose else "", expiring)


@transaction.atomic
def _purge_batch(table: str, promise: Obligation, *, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_purge(%s, %s)", [table, BATCH])
        rows = int(cursor.fetchone()[0])
    if rows:
        record(events.Purged(promise.pk, table, rows), by=None, at=at)
    return rows


def _promised() -> QuerySet[Obligation]:
    return Obligation.objects.unmet().filter(kind=ObligationKind.RETENTION_PURGE)
