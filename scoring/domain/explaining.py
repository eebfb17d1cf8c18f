"""Why a score is what it is: worked out from its person's own counts by the very model, and nothing is stored of it.

Points are hundredths and colleagues millionths, as in a score. Every sum here is exact.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, F, OuterRef

from accounts.models import Person
from scoring.domain import reference
from scoring.domain.model_numbers import Numbers
from scoring.models import Exclusion, ModelVersion, Pause, Score, WeekCount


@dataclass(frozen=True)
class Counted:
    """One number that counts: with how many different colleagues, of one kind, in one week, by one source."""

    week: date
    kind: int
    source: UUID
    source_name: str
    colleagues: int


@dataclass(frozen=True)
class Basis:
    """All that a score of one person is made of, as it is now."""

    counts: tuple[Counted, ...]
    pauses: tuple[reference.Pause, ...]
    model: reference.Model
    as_of: date

    def parts(
        self,
        keeps: Callable[[Counted], bool] = lambda _: True,
        *,
        as_of: date | None = None,
        pauses: Iterable[reference.Pause] | None = None,
    ) -> dict[int, int]:
        """Hundredths of points by kind, of the counts that `keeps` keeps. Empty: too little to go by."""
        counts = [reference.Count(c.kind, c.week, c.colleagues) for c in self.counts if keeps(c)]
        paused = self.pauses if pauses is None else pauses
        return {
            part.kind: part.points for part in reference.score(counts, paused, self.model, as_of or self.as_of)
        }  # fmt: skip

    def value(self, keeps: Callable[[Counted], bool] = lambda _: True) -> int | None:
        return sum(parts.values()) if (parts := self.parts(keeps)) else None

    def weighed(self, count: Counted) -> int:
        return count.colleagues * reference.weight(count.week, self.pauses, self.model, self.as_of)


def basis_of(person: Person, score: Score) -> Basis:
    """What the score is made of, with its own model and week; readable inside a use about the person."""
    version = ModelVersion.objects.prefetch_related("terms").get(pk=score.run.model_id)
    pauses = Pause.objects.filter(person=person).values_list("started_on", "ended_on")
    counts = tuple(Counted(*row) for row in that_count(person, score.run.week))
    return Basis(
        counts, tuple(reference.Pause(*days) for days in pauses), Numbers.of(version).as_reference(), score.run.week
    )  # fmt: skip


def that_count(person: Person, week: date) -> Iterable[tuple[date, int, UUID, str, int]]:
    """Numbers that count: neither left out, nor of an outdated wording, nor from before the grant counts."""
    same = {name: OuterRef(name) for name in ("person_id", "grant_id", "kind", "week")}
    counts = WeekCount.objects.filter(
        person=person, week__lte=week, grant__purpose_version__is_current=True, week__gte=F("grant__counts_from")
    ).exclude(Exists(Exclusion.objects.filter(**same)))
    return counts.order_by("-week", "kind", "grant").values_list(
        "week", "kind", "grant__source", "grant__source__name", "colleagues"
    )


def inputs_digest_of(score: Score, model_digest: str) -> str:
    """What went into a score, as hex SHA-256: worked out from its row, as anyone can from their own file."""
    parts = map(reference.Part, score.kinds, score.points, score.colleagues)
    return reference.inputs_digest(parts, model_digest, score.run.week)


@dataclass(frozen=True)
class Share:
    """What one source gave to one kind: by how many weeks, and how many weighed colleagues in millionths."""

    source: UUID
    source_name: str
    weeks: tuple[tuple[date, int], ...]
    weighed: int


def shares(basis: Basis) -> dict[int, list[Share]]:
    """For each kind, the sources that it comes from, what weighs most first."""
    weeks: dict[tuple[int, UUID], list[Counted]] = defaultdict(list)
    for count in basis.counts:
        if basis.weighed(count):
            weeks[count.kind, count.source].append(count)
    found: dict[int, list[Share]] = defaultdict(list)
    for (kind, source), counts in weeks.items():
        by_week = tuple((count.week, count.colleagues) for count in counts)
        found[kind].append(Share(source, counts[0].source_name, by_week, sum(map(basis.weighed, counts))))
    return {kind: sorted(of_kind, key=lambda share: -share.weighed) for kind, of_kind in sorted(found.items())}


@dataclass(frozen=True)
class Otherwise:
    """What the score would be if something were otherwise; None: too little would be left for one."""

    value: int | None
    change: int | None


def without_source(basis: Basis, source: UUID) -> Otherwise:
    """As the next run would work it out if this source were left out."""
    return _otherwise(basis, basis.value(lambda count: count.source != source))


def without_weeks(basis: Basis, weeks: Iterable[date]) -> Otherwise:
    left_out = set(weeks)
    return _otherwise(basis, basis.value(lambda count: count.week not in left_out))


def with_one_more(basis: Basis, kind: int) -> Otherwise:
    """Had one more colleague been dealt with in this kind, in each week that is counted."""
    weeks = {count.week: count for count in basis.counts if count.kind == kind}
    more = tuple(Counted(week, kind, c.source, c.source_name, 1) for week, c in weeks.items())
    raised = Basis((*basis.counts, *more), basis.pauses, basis.model, basis.as_of)
    return _otherwise(basis, raised.value())


def without_pauses(basis: Basis) -> Otherwise:
    """What silence would have cost had the clock not stood still."""
    return _otherwise(basis, sum(basis.parts(pauses=()).values()) or None)


def _otherwise(basis: Basis, value: int | None) -> Otherwise:
    now = basis.value()
    return Otherwise(value, None if value is None or now is None else value - now)


@dataclass(frozen=True)
class Step:
    """Why one kind's points moved between two scores; the four add up to the movement exactly."""

    kind: int
    faded: int
    new_weeks: int
    other_model: int
    set_right: int

    @property
    def moved(self) -> int:
        return self.faded + self.new_weeks + self.other_model + self.set_right


def steps_between(before: Score, after: Score, basis: Basis, model_before: reference.Model) -> list[Step]:
    """Split what moved, kind by kind: older weeks faded, new ones came, another model, numbers set right or left out.

    The first three are worked out from what is kept now; what the scores differ by beyond them is the last.

    :param basis: of `after`
    """
    then, now = (dict(zip(score.kinds, score.points, strict=True)) for score in (before, after))
    older = Basis(basis.counts, basis.pauses, model_before, before.run.week)
    same_weeks = Basis(basis.counts, basis.pauses, model_before, basis.as_of)
    at_first, faded, grown, at_last = (
        older.parts(),
        same_weeks.parts(lambda count: count.week <= before.run.week),
        same_weeks.parts(),
        basis.parts(),
    )
    kinds = sorted({*then, *now, *at_first, *faded, *grown, *at_last})
    return [step for kind in kinds if (step := _step(kind, then, now, at_first, faded, grown, at_last)) is not None]


def _step(kind: int, then: dict[int, int], now: dict[int, int], *stages: dict[int, int]) -> Step | None:
    at_first, faded, grown, at_last = (stage.get(kind, 0) for stage in stages)
    moved = now.get(kind, 0) - then.get(kind, 0)
    worked_out = (faded - at_first, grown - faded, at_last - grown)
    step = Step(kind, *worked_out, set_right=moved - sum(worked_out))
    return step if moved or any(worked_out) else None


def rests_on(basis: Basis) -> tuple[date, int, str, int]:
    """The week and the source that weigh most, each with its share of all in per cent, rounded down."""
    weeks: dict[date, int] = defaultdict(int)
    sources: dict[str, int] = defaultdict(int)
    for count in basis.counts:
        weeks[count.week] += basis.weighed(count)
        sources[count.source_name] += basis.weighed(count)
    total = max(sum(weeks.values()), 1)
    week, source = max(weeks, key=lambda w: weeks[w]), max(sources, key=lambda s: sources[s])
    return week, 100 * weeks[week] // total, source, 100 * sources[source] // total
