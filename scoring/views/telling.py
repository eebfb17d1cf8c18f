"""A score in words and rows, for its person's pages: every part, and what changed since the one before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scoring.domain.explaining import Otherwise, Share, Step
from scoring.domain.model_cards import steady_colleagues
from scoring.models import ModelTerm, Score
from scoring.states import Kind

MOST_REASONS = 4  # more are not likely to help (ECOA, Regulation B)
HUNDREDTH = Decimal("0.01")
Row = tuple[str, Decimal, str]


@dataclass(frozen=True)
class Told:
    """One score: `rows` are (for what, points, in words) and add up to `value` exactly."""

    value: Decimal
    week: date
    rows: tuple[Row, ...]

    @property
    def top_rows(self) -> tuple[Row, ...]:
        return tuple(row for row in sorted(self.rows, key=lambda row: -row[1])[:MOST_REASONS] if row[1])


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


def tell(score: Score, terms: Iterable[ModelTerm] = ()) -> Told:
    """Lay the score out. Its model's terms add to each part how half of its points come about."""
    term_of = {term.kind: term for term in terms}
    parts = zip(score.kinds, score.points, score.colleagues, strict=True)
    rows = ((_label(kind), _points(points), _words(term_of.get(kind), x)) for kind, points, x in parts)
    return Told(_points(score.value), score.run.week, tuple(rows))


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


@dataclass(frozen=True)
class ToldOtherwise:
    """What it would be; None: no score, since too little would be left."""

    value: Decimal | None
    change: Decimal | None


@dataclass(frozen=True)
class ToldSource:
    name: str
    weighed: Decimal
    weeks: tuple[tuple[date, int], ...]


@dataclass(frozen=True)
class ToldSince:
    """What moved since an earlier score, by reason; the rows add up to the difference exactly, and so do the kinds."""

    week: date
    before: Decimal
    difference: Decimal
    rows: tuple[Row, ...]
    kinds: tuple[tuple[str, list[Decimal]], ...]


def tell_otherwise(found: Otherwise) -> ToldOtherwise:
    return ToldOtherwise(*(None if number is None else _points(number) for number in (found.value, found.change)))


def tell_shares(found: dict[int, list[Share]]) -> list[tuple[str, list[ToldSource]]]:
    """By kind: each source with what it weighs and the weeks behind it."""
    return [(f"{_label(kind)}: {_tenths(of_kind)} weighed", [_source(share) for share in of_kind])
            for kind, of_kind in found.items()]  # fmt: skip


REASONS = (
    ("Older weeks faded", "faded"),
    ("New weeks came", "new_weeks"),
    ("Another model took effect", "other_model"),
    ("Numbers were left out, counted again or set right", "set_right"),
)


def tell_steps(before: Score, score: Score, steps: list[Step]) -> ToldSince:
    """What moved, reason by reason over all kinds, and kind by kind beneath."""
    moved = ((words, sum(getattr(step, name) for step in steps)) for words, name in REASONS)
    rows = tuple((words, _points(number), "") for words, number in moved if number)
    kinds = tuple((_label(step.kind), [_points(getattr(step, name)) for _, name in REASONS]) for step in steps)
    return ToldSince(before.run.week, _points(before.value), _points(score.value - before.value), rows, kinds)


def _source(share: Share) -> ToldSource:
    return ToldSource(share.source_name, _tenths([share]), share.weeks)


def _tenths(shares: list[Share]) -> Decimal:
    return (Decimal(sum(share.weighed for share in shares)) / 1_000_000).quantize(Decimal("0.1"))


def _words(term: ModelTerm | None, millionths: int) -> str:
    if term is None:
        return ""
    weighed, each_week = Decimal(millionths) / 1_000_000, steady_colleagues(term.model, term.halfway)
    return (
        f"{weighed:.1f} weighed colleagues; half of the {term.weight} points come at {term.halfway}, "
        f"or about {each_week} every week."
    )


def _label(kind: int) -> str:
    return Kind(kind).label.capitalize()


def _points(hundredths: int) -> Decimal:
    return (hundredths * HUNDREDTH).quantize(HUNDREDTH)
