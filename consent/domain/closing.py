"""Closing a company: approved by two of its own people, shut at once, exported, dropped, and certified by the platform.

The export is the ledger with its proofs. It holds nobody's counts or scores: those are their own, and closing gives
them to nobody. The promise and the certificate stand in the platform's schema, for the company's own will be gone.
"""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from accounts.domain import jobs
from accounts.domain.company_mail import mail_people
from accounts.models import Job, Person
from accounts.states import Role
from accounts.tenants.context import current_schema, in_platform, in_public, in_schema
from accounts.tenants.models import Company
from consent import events
from consent.audit.domain.recording import record
from consent.audit.models import Entry
from consent.domain import export_files
from consent.domain.ledger_formats import write_proof_bundle
from consent.domain.ledger_search import Found
from consent.domain.obligations import fulfil, open_obligation
from consent.models import LedgerExport, Obligation, Proposal
from consent.states import ObligationKind, Outcome

EXPORT_KEPT_FOR = timedelta(days=30)
DROPPING_TAKES = timedelta(minutes=10)


def begin(proposal: Proposal, *, by: Person, at: datetime) -> None:
    """In the transaction in which the proposal takes effect: promise it, and order it from the platform's worker."""
    schema = current_schema()
    record(events.CompanyClosing(proposal.pk), by=by, at=at)
    owners = Person.objects.filter(is_active=True, roles__role=Role.OWNER)
    mail_people("closing", owners, days=EXPORT_KEPT_FOR.days)
    with in_platform():
        promise = open_obligation(ObligationKind.COMPANY_CLOSURE, person=None, by=None, at=at)
        arguments = {"schema": schema, "obligation": str(promise.pk)}
        jobs.start("close_company", title=f"Closing {schema}", arguments=arguments, by=None, at=at)


def close(job: Job, *, clock: Callable[[], datetime]) -> str:
    """Do the job that `begin` ordered, standing in the platform. Killed anywhere, it is begun again."""
    schema = job.arguments["schema"]
    with in_public():
        stands = Company.objects.filter(schema_name=schema, closing_at__isnull=False).exists()
    if stands:
        export = LedgerExport.objects.filter(pk=job.pk).first() or _export(job, schema, clock=clock)
        jobs.progress(job, 1, 2, "Dropping the company", silent_for=DROPPING_TAKES)
        _drop(job, schema, export, at=clock())
    for folder in (settings.UPLOADS_DIR, settings.EXPORTS_DIR):
        shutil.rmtree(Path(folder) / schema, ignore_errors=True)
    return reverse("compliance:ledger_export", args=[job.pk], urlconf=settings.PUBLIC_SCHEMA_URLCONF)


def _export(job: Job, schema: str, *, clock: Callable[[], datetime]) -> LedgerExport:
    """The company's whole ledger, to be had from the platform for a month."""
    jobs.progress(job, 0, 2, "Exporting the ledger with its proofs", silent_for=DROPPING_TAKES)
    with export_files.being_written(job.pk, attempt=job.attempts) as (path, file):
        with in_schema(schema):
            rows = Entry.objects.all()
            write_proof_bundle(Found(rows, query="", at=clock(), tell=lambda _done: None), file)
            number, newest = rows.count(), rows.order_by("-pk").values_list("pk", flat=True).first() or 0
        file.flush()
        made = {"bytes": path.stat().st_size, "sha256": export_files.digest_of(path), "rows": number}
        export_files.keep(path, job.pk)
    at = clock()
    export: LedgerExport = LedgerExport.objects.create(
        pk=job.pk, query="", time_zone="UTC", format="proof", newest=newest, requested_by=None, requested_at=at,
        job=job, made_at=at, expires_at=at + EXPORT_KEPT_FOR, **made,
    )  # fmt: skip
    return export


@transaction.atomic
def _drop(job: Job, schema: str, export: LedgerExport, *, at: datetime) -> None:
    with in_public(), connection.cursor() as cursor:
        cursor.execute("SELECT public.tenants_close(%s)", [schema])
        rows = cursor.fetchone()[0]
    promise = Obligation.objects.get(pk=UUID(job.arguments["obligation"]))
    fulfil(promise, Outcome.COMPLETE, by=None, at=at)
    record(events.CompanyClosed(schema, promise.pk, export.pk, export.sha256, rows), by=None, at=at)
