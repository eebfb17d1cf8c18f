"""After a restore: nothing is read until everybody who left since the backup has left again (ADR 18).

PostgreSQL sees by itself that data was moved (consent/sql/fence.sql). A copy of the server's own files it cannot see;
there the journal knows more than the database: each process looks when it starts, and the worker every minute.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from accounts.domain import jobs
from accounts.models import Job, Person
from accounts.states import JOB_OVER
from consent import events
from consent.audit.domain.recording import record
from consent.domain import eraser, journal
from consent.domain.choices import withdraw
from consent.domain.erasing import erase_again
from consent.models import JournalMark, OpenGrant

logger = logging.getLogger(__name__)

JOB_KIND = "replay_journal"


@dataclass
class Replay:
    """What replaying came to."""

    lines: int = 0
    withdrawn: int = 0
    erased: int = 0


def settle() -> None:
    """Mark the place of a company that was just made."""
    journal.begin()
    # A company of the same name may have been here before, and closed.
    JournalMark.objects.update_or_create(pk=1, defaults={"position": journal.size()})
    _call("SELECT consent_settle()")


def is_fenced() -> bool:
    return bool(_call("SELECT consent_is_fenced()"))


def raise_where_behind(*, at: datetime) -> None:
    """Raise the fence where the journal knows of somebody leaving of whom this database does not.

    A broken journal says nothing about the database: reading goes on, and the operator's page says what is to be done.
    """
    try:
        is_ahead = journal.is_ahead(at=at)
    except journal.JournalBroken as broken:
        logger.error("The journal of those who left cannot be read: %s", broken)  # noqa: TRY400
        return
    if is_ahead:
        _call("SELECT consent_raise_fence()")


def watch(*, at: datetime) -> None:
    """Raise the fence where the journal is ahead, and have it replayed wherever it stands. Called by the tick."""
    journal.catch_up()
    raise_where_behind(at=at)
    if is_fenced() and not Job.objects.filter(kind=JOB_KIND).exclude(state__in=JOB_OVER).exists():
        jobs.start(JOB_KIND, title="Letting those leave again who left since the backup", arguments={}, by=None, at=at)


def replay(job: Job, *, at: datetime) -> None:
    """Do everything that the journal knows again, verify it, and lower the fence.

    :raises JournalBroken: the fence stays until the journal is whole again
    """
    journal.refuse_lost()
    done, end, digest = Replay(), 0, ""
    for line in journal.lines():
        _again(line, done, at=at)
        done.lines, end, digest = done.lines + 1, line.end, line.digest
        if done.lines % 100 == 0:
            jobs.progress(job, done.lines, phase="Replaying the journal")
    jobs.progress(job, done.lines, phase="Erasing and looking through everything again")
    eraser.erase_waiting(job, clock=lambda: at)
    _lower(done, end, digest, at=at)


def _again(line: journal.Line, done: Replay, *, at: datetime) -> None:
    person = Person.objects.filter(pk=line.person).first()
    if person is None:
        return
    if line.act == journal.ERASED:
        done.erased += erase_again(person, at=at)
        return
    granted = OpenGrant.objects.filter(
        person=person, purpose=line.purpose, source_id=line.source, grant__granted_at__lt=line.at
    )
    grants = list(granted.values_list("pk", flat=True))
    if grants and person.is_active:
        withdraw(person, grants=grants, at=at)
        done.withdrawn += len(grants)


@transaction.atomic
def _lower(done: Replay, end: int, digest: str, *, at: datetime) -> None:
    record(events.JournalReplayed(done.lines, done.withdrawn, done.erased), by=None, at=at)
    JournalMark.objects.filter(pk=1, position__lt=end).update(position=end, digest=digest)
    _call("SELECT consent_lower_fence()")


def _call(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
