"""After a restore everybody who left since the backup leaves again, before anything is read (ADR 18)."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.domain import jobs
from accounts.errors import DomainError
from accounts.models import Job, Person
from accounts.states import JOB_OVER
from consent import events
from consent.audit.domain.recording import record
from consent.domain import eraser, fence, journal, journal_file
from consent.domain.choices import withdraw
from consent.domain.erasing import erase_again
from consent.domain.journal_file import JournalBroken, Line, Place
from consent.models import OpenGrant

logger = logging.getLogger(__name__)

JOB_KIND = "replay_journal"
AGAIN_AFTER = timedelta(minutes=5)
LINES_BETWEEN_WORDS = 100


@dataclass
class Replay:
    """What the journal says of a company, and what doing it again came to."""

    lines: int = 0
    withdrawn: int = 0
    erased: int = 0
    end: Place = field(default_factory=Place)
    last_withdrawn: dict[tuple[UUID, str, UUID], datetime] = field(default_factory=dict)
    gone: set[UUID] = field(default_factory=set)


def watch(*, at: datetime) -> None:
    """Write what waits for the journal, compare it, and have it replayed where the fence stands. Called by the tick."""
    try:
        journal.catch_up()
    except (OSError, JournalBroken) as trouble:
        logger.error("The journal of those who left still takes no line: %s.", type(trouble).__name__)  # noqa: TRY400
    fence.compare(at=at)
    if fence.is_fenced() and not Job.objects.filter(kind=JOB_KIND, created_at__gt=at - AGAIN_AFTER).exists():
        order(at=at)


def order(*, at: datetime) -> None:
    """Have the journal replayed, unless somebody is at it."""
    if not Job.objects.filter(kind=JOB_KIND).exclude(state__in=JOB_OVER).exists():
        jobs.start(JOB_KIND, title="Letting those leave again who left since the backup", arguments={}, by=None, at=at)


def replay(job: Job, *, at: datetime) -> None:
    """Do everything that the journal knows again, verify it, and lower the fence.

    :raises JournalBroken: the fence stays until the journal is whole again
    :raises StillHere: the fence stays until those who left are gone
    """
    done, size = Replay(), journal_file.size()
    for line in journal.lines():
        if done.lines % LINES_BETWEEN_WORDS == 0:
            jobs.progress(job, line.place.end, size, phase="Replaying the journal")
        _again(line, done, at=at)
    jobs.progress(job, size, size, phase="Erasing and looking through everything again")
    eraser.erase_waiting(job, clock=lambda: at)
    _refuse_still_here(done)
    _lower(done, at=at)


def _again(line: Line, done: Replay, *, at: datetime) -> None:
    done.lines, done.end = done.lines + 1, line.place
    person = Person.objects.filter(pk=line.person).first()
    if line.act == journal.ERASED:
        done.gone.add(line.person)
        done.erased += erase_again(person, at=at) if person else 0
        return
    done.last_withdrawn[line.person, line.purpose, UUID(line.source)] = line.at
    grants = list(_open(line.person, line.purpose, UUID(line.source), line.at).values_list("pk", flat=True))
    if person and person.is_active and grants:
        withdraw(person, grants=grants, at=at)
        done.withdrawn += len(grants)


def _open(person: UUID, purpose: str, source: UUID, before: datetime) -> QuerySet[OpenGrant]:
    return OpenGrant.objects.filter(person=person, purpose=purpose, source_id=source, grant__granted_at__lt=before)


def _refuse_still_here(done: Replay) -> None:
    """Believe nobody: look whether what the journal says is so."""
    people = Person.objects.filter(pk__in=done.gone).count()
    grants = sum(_open(*key, at).exists() for key, at in done.last_withdrawn.items())
    if people or grants:
        raise StillHere(
            f"{people} erased accounts and {grants} withdrawn grants are still here, so nothing is read yet. It is"
            " tried again by itself; the board of deadlines says what keeps an erasure from ending."
        )


@transaction.atomic
def _lower(done: Replay, *, at: datetime) -> None:
    event = events.JournalReplayed(done.lines, done.withdrawn, done.erased, done.end.end, done.end.digest)
    record(event, by=None, at=at)
    journal.know(done.end)
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_lower_fence()")


class StillHere(DomainError):
    """Somebody who left according to the journal is still here."""
