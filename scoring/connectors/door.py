"""The door: what of a file comes in. Only counts of people who granted the source; everyone else is a number.

Nothing that leaves this module names a colleague: they are numbered by a keyed hash whose key lives in the memory of
one import, so that nothing can be re-linked.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from struct import Struct

from scoring.connectors.calendar import Calendar, week_of_day
from scoring.connectors.refusals import RowRefused
from scoring.states import Act, Kind

MOST_FAULTS = 10_000
MOST_REMEMBERED = 200_000
ROWS_A_CHUNK = 20_000
# A sighting is a row of COPY's binary form: a slot and a colleague's number, eight bytes each.
_SIGHTING = Struct(">hiqiq").pack
# A slot is grant, kind and week in one whole number, so that PostgreSQL sorts by one column.
KIND_SHIFT, GRANT_SHIFT = 17, 21
NEVER = 1 << KIND_SHIFT

# What becomes of a row, the better the larger: a message with several dealings is what its best one is.
LEFT_OUT, NOT_GRANTED, KEPT = range(3)

Kinds = tuple[int, int]
KINDS: dict[Act, Kinds] = {
    act: (mine << KIND_SHIFT, theirs << KIND_SHIFT)
    for act, mine, theirs in (
        (Act.ANSWERED, Kind.ANSWERED, Kind.ANSWERED_BY),
        (Act.REVIEWED, Kind.REVIEWED, Kind.REVIEWED_BY),
        (Act.MENTIONED, Kind.MENTIONED, Kind.MENTIONED_BY),
        (Act.REACTED, Kind.REACTED, Kind.REACTED_BY),
    )
}


@dataclass(frozen=True)
class Admitted:
    """An open grant for the source, and from which day on it counts."""

    grant: int
    counts_from: date


@dataclass(frozen=True)
class Receipt:
    """What was done with a file: every row of it is in exactly one of these numbers."""

    kept: int
    not_granted: int
    private: int
    malformed: int
    left_out: int
    faults: list[tuple[str, str]]
    days: frozenset[int]

    @property
    def read(self) -> int:
        return self.kept + self.not_granted + self.private + self.malformed + self.left_out


class _People(dict[str, tuple[int, int, int]]):
    """E-mail address as written → (grant's part of a slot, first week that counts, number in this file).

    Forgets when it has grown too large: the key makes the numbers of whoever comes again the same.
    """

    def __init__(self, granted: Mapping[str, Admitted]):
        super().__init__()
        self._granted = {address.casefold(): admitted for address, admitted in granted.items()}
        self._key = secrets.token_bytes(32)

    def __missing__(self, written: str) -> tuple[int, int, int]:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        address = written.strip().casefold()
        if "@" not in address:
            raise RowRefused("An address is missing, or is no e-mail address.")
        number = int.from_bytes(blake2b(address.encode(), key=self._key, digest_size=8).digest(), signed=True)
        admitted = self._granted.get(address)
        first = week_of_day(admitted.counts_from.toordinal()) if admitted else NEVER
        self[written] = (admitted.grant << GRANT_SHIFT if admitted else 0, first, number)
        return self[written]


class Door:
    """Takes interactions one by one and hands sightings to `sink`, a list of rows at a time.

    :param granted: who may come in, by e-mail address
    """

    def __init__(
        self, granted: Mapping[str, Admitted], sink: Callable[[Iterable[bytes]], None], *, now: datetime
    ) -> None:
        self.calendar = Calendar(now=now)
        # Rows by what became of them. Connectors write to it directly: they do so millions of times.
        self.rows = [0, 0, 0]
        self.private = 0
        self._malformed = 0
        self._faults: list[tuple[str, str]] = []
        self._people = _People(granted)
        self._sightings: list[bytes] = []
        self._sink = sink

    def meet(self, actor: str, kinds: Kinds, target: str, week: int) -> int:
        """One colleague did something towards another; returns what becomes of that, to be counted in `rows`.

        Different colleagues are what counts: whoever came in is seen with the other's number.
        """
        actor_slot, actor_from, actor_number = self._people[actor]
        target_slot, target_from, target_number = self._people[target]
        if actor_number == target_number:
            return LEFT_OUT
        outcome = NOT_GRANTED
        if week >= actor_from:
            self._sightings.append(_SIGHTING(2, 8, actor_slot | kinds[0] | week, 8, target_number))
            outcome = KEPT
        if week >= target_from:
            self._sightings.append(_SIGHTING(2, 8, target_slot | kinds[1] | week, 8, actor_number))
            outcome = KEPT
        return outcome

    def refuse(self, where: str, reason: str) -> None:
        """Count a malformed row; keep where it stands and why, never what it says."""
        self._malformed += 1
        if len(self._faults) < MOST_FAULTS:
            self._faults.append((where, reason))

    def flush(self, *, at_least: int = 1) -> None:
        """Hand over what has gathered, if it is `at_least` so many sightings."""
        if len(self._sightings) >= at_least:
            self._sink(self._sightings)
            self._sightings.clear()

    def close(self) -> Receipt:
        """Hand over the rest and return the receipt."""
        self.flush()
        left_out, not_granted, kept = self.rows
        return Receipt(kept, not_granted, self.private, self._malformed, left_out, self._faults, self.calendar.days)
