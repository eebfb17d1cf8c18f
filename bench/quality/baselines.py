"""Two scores written only to be compared with: as Klout did, and a plain count. Both look back 90 days, no further."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import accumulate
from math import log, log2

from bench.quality.data import Dealing

WINDOW = timedelta(days=90)
SHAPES: dict[str, Callable[[float], float]] = {
    "klout": lambda x: x, "logarithmic": lambda x: log(1 + x), "plain": lambda x: x,
}  # fmt: skip


class Baseline:
    """What somebody gathered in the window that ends on a day, made into 0 to 100 points.

    klout: every reaction that one gets, weighed by the reach of whoever reacts; logarithmic: its logarithm.
    plain: every interaction, sent or got.
    """

    def __init__(self, name: str, dealings: Iterable[Dealing]) -> None:
        self._shape = SHAPES[name]
        self.scale = 1.0
        gathered = _plain(dealings) if name == "plain" else _klout(list(dealings))
        self._days: dict[str, list[date]] = {}
        self._sums: dict[str, list[float]] = {}
        for person, rows in gathered.items():
            rows.sort()
            self._days[person] = [day for day, _ in rows]
            self._sums[person] = [0.0, *accumulate(value for _, value in rows)]

    def fit(self, people: Iterable[str], day: date, *, points: float) -> None:
        """Scale it so that three quarters of the people who have something have at most so many points."""
        self.scale = 1.0
        raw = sorted(value for person in people if (value := self._raw(person, day)))
        self.scale = points / raw[3 * len(raw) // 4]

    def at(self, person: str, day: date, *, silent_from: date | None = None) -> float:
        """Points on a day; as if nothing had come in since `silent_from`."""
        return min(100.0, self.scale * self._raw(person, day, silent_from))

    def _raw(self, person: str, day: date, silent_from: date | None = None) -> float:
        days, sums = self._days.get(person, []), self._sums.get(person, [0.0])
        end = bisect_right(days, day) if silent_from is None else bisect_left(days, silent_from)
        begin = min(bisect_right(days, day - WINDOW), end)
        return self._shape(max(0.0, sums[end] - sums[begin]))


def _klout(dealings: list[Dealing]) -> dict[str, list[tuple[date, float]]]:
    reached = defaultdict(set)
    for dealing in dealings:
        reached[dealing.actor].add(dealing.target)
    gathered = defaultdict(list)
    for day, _, actor, target in dealings:
        gathered[target].append((day, log2(1 + len(reached[actor]))))
    return gathered


def _plain(dealings: Iterable[Dealing]) -> dict[str, list[tuple[date, float]]]:
    gathered = defaultdict(list)
    for day, _, actor, target in dealings:
        gathered[actor].append((day, 1.0))
        gathered[target].append((day, 1.0))
    return gathered
