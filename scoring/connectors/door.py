"""The door: what of a file comes in. Only counts of people who granted the source; everyone else is a number.

Nothing that leaves this module names a colleague: they are numbered afresh for each import, in memory, in an order that
nobody can repeat, so that nothing can be re-linked.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from struct import Struct

from scoring.states import Act, Kind

MOST_FAULTS = 10_000
CHUNK_BYTES = 1 << 20
EARLIEST = date(2000, 1, 1)
# A row of COPY's binary form: four fields of 4, 4, 4 and 4 bytes, each with its length before it.
_ROW = Struct(">hiiiiiiii").pack

KINDS: dict[Act, tuple[Kind, Kind]] = {
    Act.ANSWERED: (Kind.ANSWERED, Kind.ANSWERED_BY),
    Act.REVIEWED: (Kind.REVIEWED, Kind.REVIEWED_BY),
    Act.MENTIONED: (Kind.MENTIONED, Kind.MENTIONED_BY),
    Act.REACTED: (Kind.REACTED, Kind.REACTED_BY),
}


@dataclass(frozen=True)
class Admitted:
    """An open grant for the source: `number` stands for it in the temporary table."""

    number: int
    counts_from: date


@dataclass
class Receipt:
    """What was done with a file. read = kept + not_granted + private + malformed + left_out."""

    kept: int = 0
    not_granted: int = 0
    private: int = 0
    malformed: int = 0
    left_out: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)
    first_day: date | None = None
    last_day: date | None = None

    @property
    def read(self) -> int:
        return self.kept + self.not_granted + self.private + self.malformed + self.left_out


class _People(dict):
    """E-mail address as written → (grant number or -1, first week that counts, the colleague's number in this file)."""

    def __init__(self, granted: Mapping[str, Admitted]):
        super().__init__()
        self._granted = granted
        self._known: dict[str, tuple[int, int, int]] = {}
        self._next = secrets.randbits(30)

    def __missing__(self, written: str) -> tuple[int, int, int]:
        address = written.strip().lower()
        if address not in self._known:
            admitted = self._granted.get(address)
            self._next += 1
            self._known[address] = (
                (admitted.number, week_number(admitted.counts_from), self._next) if admitted else (-1, 0, self._next)
            )
        self[written] = self._known[address]
        return self[written]


class Door:
    """Takes interactions one by one and hands chunks of COPY's binary form to `sink`.

    :param granted: by e-mail address in small letters
    :param now: instants later than tomorrow are malformed
    """

    def __init__(self, granted: Mapping[str, Admitted], sink: Callable[[bytes], None], *, now: datetime):
        self.receipt = Receipt()
        self.people = _People(granted)
        self._sink = sink
        self._latest = now.date() + timedelta(days=1)
        self._chunk = bytearray()
        self._first: int | None = None
        self._last: int | None = None

    def meet(self, actor: str, act: Act, target: str, day: date) -> None:
        """One colleague did something towards another on a day."""
        kind, kind_by = KINDS[act]
        self.meet_fast(actor, kind, kind_by, target, day.toordinal())

    def meet_fast(self, actor: str, kind: int, kind_by: int, target: str, ordinal: int) -> None:
        """The same with everything looked up already: called millions of times.

        :param ordinal: the day's proleptic Gregorian ordinal
        """
        actor_grant, actor_from, actor_number = self.people[actor]
        target_grant, target_from, target_number = self.people[target]
        receipt = self.receipt
        if actor_number == target_number:
            receipt.left_out += 1
            return
        week = (ordinal - 1) // 7
        came_in = False
        if actor_grant >= 0 and week >= actor_from:
            self._chunk += _ROW(4, 4, actor_grant, 4, kind, 4, week, 4, target_number)
            came_in = True
        if target_grant >= 0 and week >= target_from:
            self._chunk += _ROW(4, 4, target_grant, 4, kind_by, 4, week, 4, actor_number)
            came_in = True
        if came_in:
            receipt.kept += 1
        else:
            receipt.not_granted += 1

    @contextmanager
    def as_one_row(self) -> Iterator[None]:
        """Count all dealings met inside as one row of the receipt: kept if any came in, left out if there were none."""
        receipt = self.receipt
        kept, not_granted, left_out = receipt.kept, receipt.not_granted, receipt.left_out
        yield
        came_in, stayed_out = receipt.kept > kept, receipt.not_granted > not_granted
        receipt.kept, receipt.not_granted, receipt.left_out = kept, not_granted, left_out
        if came_in:
            receipt.kept += 1
        elif stayed_out:
            receipt.not_granted += 1
        else:
            receipt.left_out += 1

    def see_day(self, ordinal: int) -> None:
        """Remember which days the file covers."""
        if self._first is None or ordinal < self._first:
            self._first = ordinal
        if self._last is None or ordinal > self._last:
            self._last = ordinal

    def refuse(self, where: str, reason: str) -> None:
        """Count a malformed row; keep where it stands and why, never what it says."""
        self.receipt.malformed += 1
        if len(self.receipt.faults) < MOST_FAULTS:
            self.receipt.faults.append((where, reason))

    def day_fault(self, day: date) -> str | None:
        """Why a day cannot be, if so."""
        if day > self._latest:
            return "The date lies in the future."
        if day < EARLIEST:
            return "The date lies before the year 2000."
        return None

    def flush(self, *, at_least: int = 0) -> None:
        """Hand over what has gathered, if it is `at_least` so many bytes."""
        if len(self._chunk) > at_least:
            self._sink(bytes(self._chunk))
            self._chunk.clear()

    def close(self) -> Receipt:
        """Hand over the rest and return the receipt."""
        self.flush()
        if self._first is not None and self._last is not None:
            self.receipt.first_day = date.fromordinal(self._first)
            self.receipt.last_day = date.fromordinal(self._last)
        return self.receipt


def week_number(day: date) -> int:
    """Weeks since the first Monday of the calendar; 1 January of year 1 was one."""
    return (day.toordinal() - 1) // 7


def day_of(text: str) -> date | None:
    """The UTC day of an instant in ISO 8601 (with or without zone) or Unix seconds; None if it is neither."""
    try:
        if text[:1].isdigit() and text.replace(".", "", 1).isdigit() and "-" not in text:
            return datetime.fromtimestamp(float(text), tz=UTC).date()
        instant = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError, OSError):
        return None
    return (instant.astimezone(UTC) if instant.tzinfo else instant).date()
