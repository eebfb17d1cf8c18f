"""Exports of the ledger: exactly what a query finds, written by a job in constant memory, kept for a week."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts.domain import jobs
from accounts.errors import DomainError
from accounts.models import Job, Person
from consent import events
from consent.audit.domain.recording import record
from consent.audit.models import Entry
from consent.domain import export_files
from consent.domain.ledger_formats import FORMATS
from consent.domain.ledger_people import identify_on_record
from consent.domain.ledger_query import parse
from consent.domain.ledger_search import Found, search
from consent.models import LedgerExport

JOB_KIND = "export_ledger"
REASON = "Exporting what the ledger holds, by name"
COUNTING_TAKES = timedelta(minutes=10)
KEPT_FOR = timedelta(days=7)


@transaction.atomic
def order_export(text: str, *, format_name: str, by: Person, at: datetime, zone: tzinfo) -> LedgerExport:
    """Have a worker write a file of all entries that fit a query now.

    :param zone: whose days `at:` means
    :raises QueryNotUnderstood: with the term at fault
    :raises UnknownFormat: FORMATS has no such name
    """
    if format_name not in FORMATS:
        raise UnknownFormat("Nothing is exported like that. Choose one of the formats on the page.")
    query = identify_on_record(parse(text), by=by, reason=REASON, at=at)
    search(query, zone=zone)  # What it does not understand is said here, not by a worker later.
    export = LedgerExport(
        query=str(query), format=format_name, time_zone=str(zone), newest=_newest(), requested_by=by.pk, requested_at=at
    )
    title = f"Export of the ledger as {FORMATS[format_name].label}"
    export.job = jobs.start(JOB_KIND, title=title, arguments={"export": str(export.pk)}, by=by, at=at)
    export.save(force_insert=True)
    return export


def write_export(job: Job, *, clock: Callable[[], datetime]) -> None:
    """Write the file that a job was ordered for. The file, its row, its ledger entry and the job's end are one."""
    export = LedgerExport.objects.get(pk=job.arguments["export"])
    jobs.progress(job, 0, None, "Counting", silent_for=COUNTING_TAKES)
    rows, at = entries_of(export), clock()
    found = Found(rows, query=export.query, at=at, tell=partial(_tell, job, rows.count()))
    with export_files.being_written(export.pk, attempt=job.attempts) as (path, file):
        FORMATS[export.format].write(found, file)
        file.flush()
        made = {"bytes": path.stat().st_size, "sha256": export_files.digest_of(path), "rows": job.done}
        _finish(export, job, made, at=clock())
        export_files.keep(path, export.pk)


def entries_of(export: LedgerExport) -> QuerySet[Entry]:
    """What is in an export: what its query finds, and nothing that came after it was asked for."""
    return search(parse(export.query), zone=ZoneInfo(export.time_zone)).filter(pk__lte=export.newest)


def _tell(job: Job, total: int, done: int) -> None:
    job.done = done
    jobs.progress(job, done, total, "Writing entries")


@transaction.atomic
def _finish(export: LedgerExport, job: Job, made: dict[str, object], *, at: datetime) -> None:
    LedgerExport.objects.filter(pk=export.pk).update(made_at=at, expires_at=at + KEPT_FOR, **made)
    event = events.LedgerExported(export.pk, export.format, job.done, str(made["sha256"]))
    record(event, by=Person.objects.filter(pk=export.requested_by).first(), at=at)
    jobs.finish(job, at=at, result_url=reverse("compliance:ledger_export", args=[export.pk]))


def _newest() -> int:
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


class UnknownFormat(DomainError):
    """FORMATS has no such name."""

    status = 422
