"""Geometry of the charts: numbers in, numbers out; the templates draw.

All drawing happens in a plane of 100 by 100, stretched by the browser: lines keep their width
(`vector-effect`) and words stand in HTML around the picture, so nothing shrinks on a phone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import accumulate, pairwise

Number = int | Decimal
PLANE = 100


class PartsDoNotAddUpError(ValueError):
    def __init__(self, parts, total):
        super().__init__(f"The parts add up to {parts}, the total says {total}.")


def apportion(parts: Sequence[Number], places: int) -> list[Decimal]:
    """Round the parts so that they still add up to their rounded sum.

    Largest remainders are rounded up first (Hamilton's method), so no part moves by a whole unit.
    """
    unit = Decimal(1).scaleb(-places)
    exact = [Decimal(part) / unit for part in parts]
    floors = [part.to_integral_value(ROUND_FLOOR) for part in exact]
    missing = int(sum(exact, Decimal(0)).to_integral_value() - sum(floors))
    by_remainder = sorted(range(len(exact)), key=lambda i: floors[i] - exact[i])
    raised = set(by_remainder[:missing])
    return [(floor + (i in raised)) * unit for i, floor in enumerate(floors)]


@dataclass(frozen=True)
class Step:
    """One row of a waterfall: `x` and `width` say where its bar lies."""

    label: str
    points: Decimal
    detail: str
    x: float
    width: float
    is_loss: bool


@dataclass(frozen=True)
class Waterfall:
    steps: tuple[Step, ...]
    total: Step
    zero: float


def waterfall(
    rows: Iterable[tuple[str, Number, str]], *, total: Number | None, places: int, full: Number | None = None
) -> Waterfall:
    """Lay each row's bar where the one before it ended; refuse parts that do not make the total.

    `full` is the scale's end when it is known (100 for a score), so that an empty part shows.
    """
    rows = list(rows)
    points = [Decimal(part) for _, part, _ in rows]
    if total is not None and sum(points) != Decimal(total):
        raise PartsDoNotAddUpError(sum(points), total)
    shown = apportion(points, places)
    edges = list(accumulate(shown, initial=Decimal(0)))
    low, high = min(edges), max([*edges, Decimal(full or 0)])
    bars = [_bar(a, b, low, high) for a, b in pairwise(edges)]
    steps = (
        Step(label, part, detail, x, width, part < 0)
        for (label, _, detail), part, (x, width) in zip(rows, shown, bars, strict=True)
    )
    whole = Step("", edges[-1], "", *_bar(Decimal(0), edges[-1], low, high), edges[-1] < 0)
    return Waterfall(tuple(steps), whole, _scale(Decimal(0), low, high))


def _bar(start, end, low, high):
    left, right = (_scale(edge, low, high) for edge in sorted((start, end)))
    return left, round(right - left, 2)


def _scale(value, low, high) -> float:
    span = high - low
    return round(float((value - low) / span * PLANE), 2) if span else 0.0


def axis(top: Number, *, steps: int = 4) -> list[Decimal]:
    """Round marks from 0 to just above the top, evenly spaced: 0, 20, 40, ..."""
    top = max(Decimal(top), Decimal(1))
    rough = top / steps
    magnitude = Decimal(1).scaleb(rough.adjusted())
    step = next(n * magnitude for n in map(Decimal, ("1", "2", "2.5", "5", "10")) if n * magnitude >= rough)
    step = max(step, Decimal(1))
    count = (top / step).to_integral_value(ROUND_CEILING)
    return [step * i for i in range(int(count) + 1)]


@dataclass(frozen=True)
class Point:
    on: date
    value: Number | None
    x: float
    y: float | None


@dataclass(frozen=True)
class Trend:
    points: tuple[Point, ...]
    marks: tuple[Decimal, ...]
    lines: tuple[str, ...]
    areas: tuple[str, ...]
    gridlines: tuple[float, ...]

    @property
    def known(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.value is not None)


def trend(history: Iterable[tuple[date, Number | None]]) -> Trend:
    """A line over time; a date without a value breaks it, as a pause should."""
    history = sorted(history)
    known = [value for _, value in history if value is not None]
    marks = axis(max(known, default=0))
    points = tuple(_point(on, value, history, marks[-1]) for on, value in history)
    runs = list(_unbroken(points))
    return Trend(
        points,
        tuple(reversed(marks)),
        tuple(_path(run) for run in runs),
        tuple(f"{_path(run)}V{PLANE}H{run[0].x}Z" for run in runs),
        tuple(PLANE - _scale(mark, 0, marks[-1]) for mark in marks),
    )


def _point(on, value, history, top):
    first, last = history[0][0], history[-1][0]
    x = _scale(Decimal((on - first).days), 0, (last - first).days) if first != last else PLANE / 2
    y = None if value is None else round(PLANE - _scale(Decimal(value), 0, top), 2)
    return Point(on, value, x, y)


def _unbroken(points):
    run = []
    for point in (*points, None):
        if point is not None and point.value is not None:
            run.append(point)
        elif run:
            yield run
            run = []


def _path(run):
    # A line to itself gives a lone point its round cap: a dot.
    start, *rest = run
    return f"M{start.x} {start.y}" + ("".join(f"L{p.x} {p.y}" for p in rest) or "h0")


@dataclass(frozen=True)
class Bar:
    label: str
    value: Number | None
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Bars:
    bars: tuple[Bar, ...]
    top: Decimal
    most: Number


def bars(values: Iterable[tuple[str, Number | None]]) -> Bars:
    """Upright bars of equal width, one slot each; a missing value leaves its slot empty."""
    values = list(values)
    most = max((value for _, value in values if value is not None), default=0)
    top = axis(most)[-1]
    slot = PLANE / max(len(values), 1)
    drawn = (_upright(i, label, value, slot, top) for i, (label, value) in enumerate(values))
    return Bars(tuple(drawn), top, most)


def _upright(index, label, value, slot, top):
    height = _scale(Decimal(value or 0), 0, top)
    x, width = round((index + 0.15) * slot, 2), round(0.7 * slot, 2)
    return Bar(label, value, x, round(PLANE - height, 2), width, height)
