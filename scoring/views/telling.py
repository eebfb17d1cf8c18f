"""A score in words and rows, for its person's pages: every part, and what changed since the one before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scoring.domain.model_cards import steady_colleagues
from scoring.models import ModelVersion, Score
from scoring.states import Kind

HUNDREDTH = Decimal("0.01")
Row = tuple[str, Decimal, str]


@dataclass(frozen=True)
class Told:
    """One score: `rows` are (for what, points, in words) and add up to `value` exactly."""

    value: Decimal
    week: date
    model: ModelVersion
    rows: tuple[Row, ...]

    @property
    def top_rows(self) -> tuple[Row, ...]:
        return tuple(row for row in sorted(self.rows, key=lambda row: -row[1])[:3] if row[1])


@dataclass(frozen=True)
class Change:
    """From one score to the next: `rows` add up to `difference` exactly."""

    before: Decimal
    week: date
    difference: Decimal
    rows: tuple[Row, ...]
    is_other_model: bool

    @property
    def signed(self) -> str:
        return f"{self.difference:+}".replace("-", "−")


def tell(score: Score) -> Told:
    model = score.run.model
    return Told(_points(score.value), score.run.week, model, tuple(_rows(score, model)))


def tell_change(score: Score, before: Score) -> Change:
    now, then = (dict(zip(each.kinds, each.points, strict=True)) for each in (score, before))
    moved = {kind: now.get(kind, 0) - then.get(kind, 0) for kind in sorted({*now, *then})}
    return Change(
        before=_points(before.value),
        week=before.run.week,
        difference=_points(score.value - before.value),
        rows=tuple((_label(kind), _points(points), "") for kind, points in moved.items() if points),
        is_other_model=score.run.model_id != before.run.model_id,
    )


def _rows(score: Score, model: ModelVersion) -> Iterator[Row]:
    terms = {term.kind: term for term in model.terms.all()}
    for kind, points, millionths in zip(score.kinds, score.points, score.colleagues, strict=True):
        term, weighed = terms[kind], Decimal(millionths) / 1_000_000
        each_week = steady_colleagues(model, term.halfway)
        detail = (
            f"{weighed:.1f} weighed colleagues; half of the {term.weight} points come at {term.halfway}, "
            f"or about {each_week} every week."
        )
        yield _label(kind), _points(points), detail


def _label(kind: int) -> str:
    return Kind(kind).label.capitalize()


def _points(hundredths: int) -> Decimal:
    return (hundredths * HUNDREDTH).quantize(HUNDREDTH)
