"""The score in plain Python: what the SQL must agree with to the last digit, and what anyone can recompute.

Standard library only. All numbers are whole: colleagues in millionths, points in hundredths (docs/adr/0008).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

MILLION = 1_000_000


@dataclass(frozen=True)
class Count:
    """In the week that begins on `week`, a Monday: how many different colleagues, of one kind, by one source."""

    kind: int
    week: date
    colleagues: int


@dataclass(frozen=True)
class Pause:
    """Days on which the clock stood still: from `started_on` until before `ended_on`; None goes on."""

    started_on: date
    ended_on: date | None


@dataclass(frozen=True)
class Model:
    """`terms`: kind → (weight in points, half-way point in colleagues). `decay[a]`: millionths at `a` active days."""

    terms: Mapping[int, tuple[int, int]]
    decay: tuple[int, ...]
    minimum_colleagues: int


@dataclass(frozen=True)
class Part:
    kind: int
    points: int
    colleagues: int


def score(counts: Iterable[Count], pauses: Iterable[Pause], model: Model, as_of: date) -> list[Part]:
    """Work out the parts of one person's score; their sum is the score. Empty when there is not enough to go on.

    :param counts: those that count: under open grants, not excluded
    :param as_of: Monday of the as-of week
    """
    pauses = list(pauses)
    weighed: dict[int, int] = defaultdict(int)
    for count in counts:
        if count.week <= as_of and count.kind in model.terms:
            weighed[count.kind] += count.colleagues * weight(count.week, pauses, model, as_of)
    parts = [Part(kind, points(x, *model.terms[kind]), x) for kind, x in sorted(weighed.items()) if x]
    enough = sum(part.colleagues for part in parts) >= model.minimum_colleagues * MILLION
    return parts if enough else []


def points(x: int, weight: int, halfway: int) -> int:
    """Hundredths of a point for `x` millionths of a colleague: 100 · w · x / (x + h), rounded half up."""
    below = x + halfway * MILLION
    return (200 * weight * x + below) // (2 * below)


def weight(week: date, pauses: Iterable[Pause], model: Model, as_of: date) -> int:
    """Millionths that a week still weighs: its age is the days since its end on which the clock ran."""
    age = (as_of - week).days - sum(_paused_days(pause, week, as_of) for pause in pauses)
    return model.decay[age] if age < len(model.decay) else 0


def _paused_days(pause: Pause, week: date, as_of: date) -> int:
    """Days of the pause between the end of the count's week and the end of the as-of week."""
    begin = max(pause.started_on, week + timedelta(days=7))
    end = as_of + timedelta(days=7)
    if pause.ended_on is not None:
        end = min(end, pause.ended_on)
    return max(0, (end - begin).days)
