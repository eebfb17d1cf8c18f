"""Take my data: all that is kept of one person as one file, made by a job in flat memory, kept for a week (ADR 21)."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import BinaryIO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.domain import jobs
from accounts.errors import DomainError
from accounts.models import Job, Person
from accounts.tenants.context import beside, current_company_name, current_time_zone
from consent import events
from consent.audit.domain.recording import record
from consent.audit.domain.sealing import NotSealedYet, seal_now
from consent.audit.models import Entry
from consent.domain import export_files
from consent.domain.access_file import AccessFile
from consent.domain.access_tables import withheld
from consent.domain.choices import lock_person
from consent.domain.data_uses import RECEIPTS, data_use
from consent.domain.export_files import state_of
from consent.domain.obligations import fulfil, open_obligation
from consent.models import AccessExport, Obligation, Withdrawal
from consent.models.access import KEPT_FOR
from consent.models.obligation import ObligationQuerySet
from consent.states import ExportState, ObligationKind, Outcome, PurposeKey

JOB_KIND = "export_own_data"
REASON = "Putting it into one file, as asked for"


@transaction.atomic
def order_access_export(person: Person, *, by: Person, at: datetime) -> AccessExport:
    """Have a worker put everything kept of a person into one file. One that is being made is not ordered again.

    :param by: the person, or an officer acting on their letter
    """
    lock_person(person)
    newest = newest_of(person)
    if newest and state_of(newest, at=at) == ExportState.MAKING:
        return newest
    export = AccessExport(person=person, ordered_at=at, ordered_by=by.pk)
    title = "Putting your data into one file"
    export.job = jobs.start(JOB_KIND, title=title, arguments={"export": str(export.pk)}, by=by, at=at)
    export.save(force_insert=True)
    open_obligation(ObligationKind.ACCESS_REQUEST, person=person.pk, thing=export.pk, by=by, at=at)
    record(events.OwnDataOrdered(export.pk), by=by, at=at, about=person.pk)
    return export


def write_access_export(job: Job, *, clock: Callable[[], datetime]) -> None:
    """Write the file that a job was ordered for, under the orderer's own data use.

    Begun anew where the person takes something back meanwhile: nothing of that may be in it.
    """
    export = AccessExport.objects.select_related("person").filter(pk=job.arguments["export"]).first()
    if export is None:  # erased since
        raise jobs.Cancelled(job.pk)
    while not _is_written(export, job, clock):
        continue


@transaction.atomic
def cancel_access_export(export: AccessExport, *, by: Person, at: datetime) -> None:
    """Stop making a file. What is ordered can be taken back, and then nothing is owed.

    :raises JobIsOver: it is made already, or given up
    """
    if export.job is None:
        raise NothingToCancel("Its work is over, so there is nothing left to cancel.")
    jobs.request_cancel(export.job, by=by, at=at)
    for owed in unmet_of(export.person).filter(thing=export.pk):
        fulfil(owed, Outcome.CANCELLED, by=by, at=at)
    record(events.OwnDataCancelled(export.pk), by=by, at=at, about=export.person_id)


def withdraw_files(person: Person, *, at: datetime) -> None:
    """Inside a withdrawal's own transaction: delete with its commit what PostgreSQL has just ended
    (consent/sql/access_exports.sql), so that its counts and scores can be read in no file.
    """
    ended = AccessExport.objects.filter(person=person, withdrawn_at=at)
    _delete_after_commit(ended.values_list("pk", flat=True))


def forget_exports_of(person: UUID) -> int:
    """Delete the files of somebody who is being erased, half-written ones too. Their rows go with the other rows."""
    exports = list(AccessExport.objects.filter(person=person).values_list("pk", flat=True))
    for export in exports:
        export_files.delete(export)
    return len(exports)


def newest_of(person: Person) -> AccessExport | None:
    return AccessExport.objects.filter(person=person).select_related("job").order_by("-ordered_at", "-pk").first()


def ready_for(person: Person, *, at: datetime) -> AccessExport | None:
    """The one file that can be downloaded."""
    return AccessExport.objects.filter(person=person, expires_at__gt=at).select_related("job").first()


def unmet_of(person: Person) -> ObligationQuerySet:
    """Files that were promised to this person and not made yet."""
    orders = AccessExport.objects.filter(person=person).values("pk")
    return Obligation.objects.unmet().filter(kind=ObligationKind.ACCESS_REQUEST, thing__in=orders).order_by("due_at")


def _is_written(export: AccessExport, job: Job, clock: Callable[[], datetime]) -> bool:
    taken_back = _taken_back(export)
    with export_files.being_written(export.pk, attempt=job.attempts) as (path, file):
        rows = _write(export, job, file, at=clock())
        file.flush()
        made = {"bytes": path.stat().st_size, "sha256": export_files.digest_of(path), "rows": rows}
        if not _finish(export, job, made, taken_back=taken_back, at=clock()):
            return False
        export_files.keep(path, export.pk)
    return True


def _write(export: AccessExport, job: Job, file: BinaryIO, *, at: datetime) -> int:
    """Everything is read in one transaction, under one receipt; how far it is, is told beside it."""
    newest = _seal(export, at=at)
    orderer = Person.objects.filter(pk=export.ordered_by).first()  # an officer may have left; then the machine goes on
    about = [export.person_id]
    with (
        data_use(PurposeKey.ACCESS_EXPORT, by=orderer, about=about, reason=REASON, at=at),
        ZipFile(file, "w", ZIP_DEFLATED) as archive,
    ):
        own = AccessFile(archive, person=export.person, newest=newest, at=at, tell=partial(_tell, job))
        for part in settings.ACCESS_EXPORT_PARTS:
            import_string(part)(own)
        archive.writestr("README.html", _readme(own, export))
    return own.rows


def _readme(own: AccessFile, export: AccessExport) -> str:
    zone = current_time_zone()
    return render_to_string(
        "access/readme.html",
        {
            "person": own.person,
            "company": current_company_name(),
            "at": timezone.localtime(own.at, zone),
            "expires_at": timezone.localtime(own.at + KEPT_FOR, zone),
            "chapters": own.chapters,
            "withheld": withheld(),
            "export": export,
        },
    )


def _seal(export: AccessExport, *, at: datetime) -> int:
    """Have the entries about the person sealed, so that they can be proven; what is not by then goes in unproven."""
    entries = Entry.objects.filter(about=export.person_id)
    newest: int = entries.order_by("-pk").values_list("pk", flat=True).first() or 0
    with suppress(NotSealedYet):
        seal_now(entries.filter(pk__lte=newest), at=at)
    return newest


def _tell(job: Job, rows: int, phase: str) -> None:
    beside(RECEIPTS)
    jobs.progress(job, rows, None, phase, using=RECEIPTS)


@transaction.atomic
def _finish(export: AccessExport, job: Job, made: dict[str, object], *, taken_back: int, at: datetime) -> bool:
    """The file, its row, its ledger entry, the promise kept and the job's end are one. False: begin again.

    :raises Cancelled: the person did not want it any more
    """
    lock_person(export.person)
    if _taken_back(export) != taken_back:
        return False
    owed = list(unmet_of(export.person))
    if export.pk not in {one.thing for one in owed}:
        raise jobs.Cancelled(job.pk)
    _replace(export.person_id, at=at)
    AccessExport.objects.filter(pk=export.pk).update(made_at=at, expires_at=at + KEPT_FOR, **made)
    for one in owed:  # what an order before failed to bring came with this one
        fulfil(one, Outcome.COMPLETE, by=None, at=at)
    event = events.OwnDataMade(export.pk, int(str(made["rows"])), str(made["sha256"]))
    record(event, by=None, at=at, about=export.person_id)
    jobs.finish(job, at=at, result_url=reverse("mine:take"))
    return True


def _replace(person: UUID, *, at: datetime) -> None:
    """End the files that are ready: in the database now, on the disk with the commit, or at the next tick."""
    ready = AccessExport.objects.filter(person=person, expires_at__gt=at)
    replaced = list(ready.values_list("pk", flat=True))
    ready.update(expires_at=at, withdrawn_at=at)
    _delete_after_commit(replaced)


def _delete_after_commit(exports: Iterable[UUID]) -> None:
    """Find the files while we stand in their company: the commit may come when we no longer do."""
    for export in exports:
        transaction.on_commit(partial(export_files.path_of(export).unlink, missing_ok=True))


def _taken_back(export: AccessExport) -> int:
    return Withdrawal.objects.filter(grant__person=export.person_id).count()


class NothingToCancel(DomainError):
    """The file is made, or was given up."""
