"""The eraser: walks what settings.ERASERS lists, looks through everything again, and certifies (Article 4).

Each step is a transaction of its own and finds nothing left to do when it is asked again: a worker may be killed
anywhere, and the next begins from the start. Whether somebody is erased is said by PostgreSQL alone
(consent/sql/erasure.sql).
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from psycopg.errors import ObjectNotInPrerequisiteState

from accounts.domain import jobs
from accounts.models import Job
from consent import events
from consent.audit.domain.recording import record
from consent.domain.canonical import canonical
from consent.domain.obligations import fulfil
from consent.domain.residue import residue_elsewhere
from consent.models import Erasure, ErasureStep
from consent.states import Outcome

# One look through all tables serves so many erasures; each adds a little to it.
BATCH = 20
TRIES, PAUSE = 40, 0.25  # seconds
# Where names and addresses stand: tables of as many rows as there are people, or fewer. Large ones hold opaque ids.
REWRITTEN = (
    "account_emailaddress", "accounts_cache", "accounts_invitation", "accounts_job", "accounts_person",
    "audit_opening", "consent_erasure", "consent_savedsearch", "django_session",
)  # fmt: skip
Clock = Callable[[], datetime]


def erase_waiting(job: Job, *, clock: Clock) -> None:
    """Erase everybody whose turn it is, in batches; then write the tables' pages anew."""
    done = 0
    tell = partial(jobs.progress, job)
    while batch := list(Erasure.objects.waiting().select_related("obligation")[:BATCH]):
        for erasure in batch:
            tell(done, done + Erasure.objects.waiting().count(), f"Erasing {erasure.reference}")
            erase(erasure)
            done += 1
        tell(done, None, "Looking through everything again")
        look_again(batch, clock=clock)
    tell(done, done, "Writing pages anew")
    rewrite_storage(at=clock())


def erase(erasure: Erasure) -> None:
    """Take all steps, in the order of settings.ERASERS. Idempotent."""
    for path in settings.ERASERS:
        step: Callable[[Erasure], int] = import_string(path)
        with transaction.atomic():
            _note(erasure, path.rpartition(".")[2], rows=step(erasure))


def erase_rows(erasure: Erasure, tables: Sequence[str]) -> int:
    """Delete or blank what these tables hold about the person, as the data map says. Returns how many rows."""
    return int(_call("SELECT consent_erase_rows(%s, %s)", erasure.pk, list(tables)))


def look_again(erasures: Sequence[Erasure], *, clock: Clock) -> None:
    """Look through everything for these people, and end the erasures of which nothing is left: one transaction, so that
    whoever is called erased was looked for just now.

    What began before an erasure and still writes is waited for: most of it ends in a moment.
    """
    elsewhere = residue_elsewhere(erasures)
    for _ in range(TRIES):
        with suppress(StillWritten), transaction.atomic():
            verify(erasures, elsewhere=elsewhere)
            for erasure in erasures:
                conclude(erasure, at=clock())
            return
        time.sleep(PAUSE)
    _call("SELECT consent_put_off_erasures(%s)", [erasure.pk for erasure in erasures])


@transaction.atomic
def verify(erasures: Sequence[Erasure], *, elsewhere: dict[str, dict[str, int]] | None = None) -> None:
    """Look through every column of every table; PostgreSQL writes down what is left.

    :param elsewhere: what is left outside of tables; None to look there too
    :raises StillWritten: a transaction from before may still write of these people
    """
    outside = json.dumps(residue_elsewhere(erasures) if elsewhere is None else elsewhere)
    try:
        _call("SELECT consent_verify_erasures(%s, %s::jsonb)", [e.pk for e in erasures], outside)
    except OperationalError as error:
        if isinstance(error.__cause__, ObjectNotInPrerequisiteState):
            raise StillWritten from None
        raise
    for erasure in erasures:
        erasure.refresh_from_db()


@transaction.atomic
def conclude(erasure: Erasure, *, at: datetime) -> None:
    """End an erasure of which nothing is left, with its certificate; else say on the record what is left, and where."""
    erasure.refresh_from_db()
    if erasure.found and not erasure.accepted:
        places = sorted(erasure.found)
        record(events.ErasureIncomplete(erasure.pk, erasure.reference, places, erasure.attempts), by=None, at=at)
        return
    outcome = Outcome(_call("SELECT consent_end_erasure(%s)", erasure.pk))
    erasure.refresh_from_db()
    fulfil(erasure.obligation, outcome, by=None, at=at)
    entry = record(_certificate(erasure, outcome), by=None, at=at, about=erasure.person)
    Erasure.objects.filter(pk=erasure.pk).update(entry=entry.pk)


def rewrite_storage(*, at: datetime) -> None:
    """Write the pages of tables with names and addresses anew, so that the files hold no deleted bytes.

    A table that somebody uses now, or of which an older snapshot still sees rows, is tried again by the tick.
    """
    ended = list(Erasure.objects.filter(erased_at__isnull=False, rewritten_at=None).values_list("pk", flat=True))
    if not ended:
        return
    try:
        for table in REWRITTEN:
            _call("SELECT consent_rewrite_storage(%s)", table)
    except OperationalError:  # lock_timeout, or an older snapshot: nobody is made to wait for this
        return
    with transaction.atomic():
        _call("SELECT consent_storage_is_rewritten(%s)", ended)
        record(events.StorageRewritten(len(ended)), by=None, at=at)


def _certificate(erasure: Erasure, outcome: Outcome) -> events.PersonErased:
    seen = canonical({"after": erasure.after, "found": erasure.found, "held": erasure.held})
    assert erasure.erased_at is not None  # noqa: S101 - PostgreSQL has just set it
    return events.PersonErased(
        erasure=erasure.pk,
        reference=erasure.reference,
        outcome=outcome,
        commitment=erasure.commitment,
        rows_before=erasure.before,
        rows_after=erasure.after or {},
        residue=erasure.found or {},
        held=erasure.held,
        data_map=erasure.map_digest,
        verification=hashlib.sha256(seen.encode()).hexdigest(),
        due=erasure.obligation.due_at.isoformat(),
        erased=erasure.erased_at.isoformat(),
        fully_erased_on=erasure.fully_erased_on.isoformat(),
    )


def _note(erasure: Erasure, step: str, *, rows: int) -> None:
    # Not the ORM's INSERT: the instant is the database's own.
    known = ErasureStep.objects.filter(erasure=erasure, step=step)
    if not known.update(rows=F("rows") + rows, done_at=Now()):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO consent_erasurestep (erasure_id, step, rows) VALUES (%s, %s, %s)", [erasure.pk, step, rows]
            )


def _call(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


class StillWritten(Exception):
    """A transaction from before the erasure goes on: nothing that is looked for now would stay true."""
