"""The journal of those who left: a file outside the database, so that no restored backup forgets them (ADR 18).

One line for each act, opaque ids only (journal_file.py). A line is written and flushed before the act commits. One too
many does no harm: replaying it withdraws what was granted before it. One too few would bring somebody back; so where
the file cannot be written the line waits in the database (`Unjournaled`), and nobody who leaves is kept for it.

The row of `JournalMark` says how far this company knows the journal. Whoever writes a line holds it until the act
commits, so that acts commit in the order of their lines, and whoever holds it sees no line of an act that still runs.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction

from accounts.tenants.context import current_schema
from consent.domain import journal_file
from consent.domain.journal_file import JournalBroken, Line, Place
from consent.models import Erasure, JournalMark, Unjournaled, Withdrawal

logger = logging.getLogger(__name__)

WITHDRAWN, ERASED = "withdrawn", "erased"


@transaction.atomic
def withdrawn(person: UUID, what: Iterable[tuple[str, UUID]], *, at: datetime) -> None:
    """Take down that a person withdrew these purposes for these sources."""
    for purpose, source in what:
        _take_down(_told(WITHDRAWN, person, purpose, str(source), at=at))


@transaction.atomic
def erased(person: UUID, *, at: datetime) -> None:
    """Take down that a person asked to be erased."""
    _take_down(_told(ERASED, person, at=at))


def begin() -> None:
    """Make the journal where there is none, and know it from its first line on."""
    journal_file.begin()


def lines() -> Iterator[Line]:
    """Every line of the current company, oldest first, with the whole file's chain checked on the way.

    :raises JournalBroken: the file is missing, is another one, was cut, or a line was changed
    """
    for line in journal_file.lines(current_schema(), known=_place(_mark())):
        if isinstance(line, Line):
            yield line


def refuse_broken() -> None:
    """Read the whole journal. :raises JournalBroken: as `lines` does"""
    for _ in lines():
        pass


def refuse_other() -> None:
    """:raises JournalBroken: the file is missing, cut, or not the one that the current company knows"""
    journal_file.refuse_other(_place(_mark()))


def is_ahead(*, using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether the journal knows of somebody leaving of whom this database does not. If not, the mark moves to its end.

    Call it in a transaction, which must last until something was made of the answer.

    :raises JournalBroken: as `lines` does
    """
    mark = _held_mark(using)
    known = _place(mark)
    for new in journal_file.lines(current_schema(), known=known, start=known):
        if isinstance(new, Line):
            return True
        _move(mark, new)
    return False


def settle() -> None:
    """Know the journal as far as it goes: nobody here has left yet, whoever had this company's name before."""
    _move(_held_mark(), journal_file.tail())


def know(place: Place) -> None:
    """Move the mark to where the journal was replayed, unless somebody has left since."""
    mark = _held_mark()
    if mark.position < place.end:
        _move(mark, place)


def waiting() -> int:
    """How many lines wait because the file could not be written."""
    return Unjournaled.objects.count()


def catch_up() -> int:
    """Write the lines that wait because the file could not be written. Returns how many it took.

    :raises OSError, JournalBroken: it still cannot be written
    """
    with transaction.atomic():
        mark = _held_mark()
        waiting = list(Unjournaled.objects.order_by("pk"))
        for late in waiting:
            _move(mark, journal_file.append(late.line, known=_place(mark)))
            late.delete()
        return len(waiting)


@transaction.atomic
def write_anew() -> int:
    """Write into a new journal everything that this database itself knows of people leaving. Returns how many lines."""
    mark = _held_mark()
    _move(mark, journal_file.tail())
    told = [
        _told(WITHDRAWN, person, purpose, str(source), at=at)
        for person, purpose, source, at in Withdrawal.objects.order_by("pk").values_list(
            "grant__person_id", "grant__purpose_version__purpose", "grant__source_id", "withdrawn_at"
        )
    ]
    told += [_told(ERASED, e.person, at=e.requested_at) for e in Erasure.objects.order_by("requested_at")]
    for line in told:
        _move(mark, journal_file.append(line, known=_place(mark)))
    Unjournaled.objects.all().delete()
    return len(told)


def _told(act: str, person: UUID, purpose: str = "", source: str = "", *, at: datetime) -> dict[str, str]:
    return {
        "act": act, "person": str(person), "purpose": purpose, "source": source,
        "schema": current_schema(), "at": at.isoformat(),
    }  # fmt: skip


def _take_down(told: dict[str, str]) -> None:
    mark = _held_mark()
    try:
        _move(mark, journal_file.append(told, known=_place(mark)))
    except (OSError, JournalBroken) as trouble:
        logger.error("The journal of those who left took no line: %s.", type(trouble).__name__)  # noqa: TRY400
        Unjournaled.objects.create(person=told["person"], line=told)


def _mark() -> JournalMark:
    # Not made here: whoever only looks does not wait for whoever writes the first line.
    return JournalMark.objects.filter(pk=1).first() or JournalMark()


def _held_mark(using: str = DEFAULT_DB_ALIAS) -> JournalMark:
    marks = JournalMark.objects.using(using)
    marks.get_or_create(pk=1)
    return marks.select_for_update().get(pk=1)


def _place(mark: JournalMark) -> Place:
    return Place(mark.position, mark.digest)


def _move(mark: JournalMark, place: Place) -> None:
    if _place(mark) != place:
        mark.position, mark.digest = place.end, place.digest
        mark.save(update_fields=["position", "digest"])
