"""Each row of the report: what is measured, its aim, what came out on each set of data."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from statistics import quantiles

from bench.quality.baselines import Baseline
from bench.quality.data import Counts, Dealing, count
from bench.quality.world import DAY, World, points
from scoring.domain import reference
from scoring.domain.explaining import Basis, Counted, steps_between
from scoring.models import Run, Score
from scoring.states import OWN_ACTS, Act

FORTNIGHT, WEEK = timedelta(days=14), timedelta(days=7)
RINGS, MESSAGES_A_DAY, RING_WEEKS = (2, 5, 10), 100, 26


@dataclass(frozen=True)
class Finding:
    """`is_met` is None where the figure is only reported."""

    measured: str
    is_met: bool | None = None


@dataclass(frozen=True)
class Measure:
    what: str
    aim: str
    find: Callable[[World], Finding]
    note: str = ""


def paused(world: World) -> Finding:
    """Two weeks away on pause, at each week that is watched: nothing is counted, and the clock stands still."""
    falls = [
        before - points(kept, world.model, as_of + FORTNIGHT, pauses=[_away(as_of)])
        for as_of, kept, before in _moments(world)
    ]
    return Finding(f"{max(falls):.2f} points at most, of {len(falls):,} times", max(map(abs, falls)) == 0)


def _away(as_of: date) -> reference.Pause:
    return reference.Pause(as_of + WEEK, as_of + WEEK + FORTNIGHT)


def silent(world: World) -> Finding:
    """Two weeks of silence without a pause, against the same silence under the Klout-style score."""
    falls = [before - points(kept, world.model, as_of + FORTNIGHT) for as_of, kept, before in _moments(world)]
    ours, klout, logarithmic = max(falls), _fall(world, world.klout), _fall(world, world.logarithmic)
    return Finding(
        f"{ours:.1f} points at most, {quantiles(falls, n=100)[98]:.1f} for 99 in 100; Klout-style {klout:.1f}:"
        f" {ours / klout:.2f} of it (on a logarithmic scale {logarithmic:.1f}: {ours / logarithmic:.2f})",
        ours <= klout / 3,
    )


def _fall(world: World, baseline: Baseline) -> float:
    """The largest within two silent weeks."""
    days = [as_of + 6 * DAY for as_of in world.data.weeks]
    return max(
        baseline.at(person, day) - baseline.at(person, day + FORTNIGHT, silent_from=day + DAY)
        for person in world.counts
        for day in days
    )


def _moments(world: World) -> Iterable[tuple[date, list[reference.Count], float]]:
    """Each time that somebody had a score: the week, what was counted by then, and the score."""
    for counts in world.counts.values():
        for as_of in world.data.weeks:
            kept = [c for c in counts if c.week <= as_of]
            if kept and (before := points(kept, world.model, as_of)):
                yield as_of, kept, before


def daily(world: World) -> Finding:
    """From each day to the next, and from week to week. Ours moves on Mondays alone; the others every day."""
    weekly = [change for person in world.people for change in _weekly(world, person)]
    ours = _p99([change for monday in weekly for change in (monday, *[0.0] * 6)])
    klout, logarithmic = (_p99(_daily(world, baseline)) for baseline in (world.klout, world.logarithmic))
    klout_weekly = _p99(_daily(world, world.klout, every=7))
    return Finding(
        f"{ours:.2f} points; Klout-style {klout:.2f}: {ours / klout:.2f} of it (on a logarithmic scale"
        f" {logarithmic:.2f}: {ours / logarithmic:.2f}). From week to week {_p99(weekly):.2f}, Klout-style"
        f" {klout_weekly:.2f}: {_p99(weekly) / klout_weekly:.2f} of it",
        ours <= klout / 2,
    )


def _weekly(world: World, person: str) -> list[float]:
    return _changes([world.score(person, as_of) for as_of in world.data.weeks])


def _daily(world: World, baseline: Baseline, *, every: int = 1) -> list[float]:
    days = [as_of + n * DAY for as_of in world.data.weeks for n in range(0, 7, every)]
    return [change for person in world.people for change in _changes([baseline.at(person, day) for day in days])]


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


def _changes(series: list[float]) -> list[float]:
    return [abs(now - before) for before, now in pairwise(series)]


def five_times(world: World) -> Finding:
    """Everybody writes each message five times."""
    louder = count(dealing for dealing in world.data.dealings for _ in range(5))
    most = max(_differences(world, louder), default=0.0)
    return Finding(f"{most:.1f} points for {len(world.people):,} people", most == 0)


def reciprocal(world: World) -> Finding:
    """Everybody whom one deals with becomes somebody else, who does not endorse back: nobody's points may change."""
    endorsed = {
        (d.actor, d.target) for d in world.data.dealings if d.act == world.data.endorsing and d.actor != d.target
    }
    mutual = sum(pair[::-1] in endorsed for pair in endorsed)
    strangers = count(_strangers(world.data.dealings))
    most = max(_differences(world, strangers), default=0.0)
    return Finding(
        f"{most:.1f} points apart; {100 * mutual / len(endorsed):.0f} % of {len(endorsed):,} pairs endorse each other",
        most == 0,
    )


def _strangers(dealings: Iterable[Dealing]) -> Iterable[Dealing]:
    for day, act, actor, target in dealings:
        if actor != target:
            yield Dealing(day, act, actor, f"{target}, as {actor} knows them")
            yield Dealing(day, act, f"{actor}, as {target} knows them", target)


def to_oneself(world: World) -> Finding:
    """What people do towards themselves, counted alone."""
    selfish = [dealing for dealing in world.data.dealings if dealing.actor == dealing.target]
    return Finding(f"{len(selfish):,} times: {len(count(selfish))} numbers", not count(selfish))


def _differences(world: World, counts: Counts) -> list[float]:
    last = world.data.last_week
    return [abs(world.score(p, last) - points(counts[p], world.model, last)) for p in world.people]


def volume(world: World) -> Finding:
    """Spearman's rank correlation with the number of interactions of the last 26 weeks."""
    begin = world.data.last_week - 25 * WEEK
    volumes: dict[str, int] = defaultdict(int)
    for dealing in world.data.dealings:
        if begin <= dealing.day < world.data.last_week + WEEK:
            volumes[dealing.actor] += 1
            volumes[dealing.target] += 1
    scores = [world.score(person, world.data.last_week) for person in world.people]
    rho = spearman(scores, [float(volumes[person]) for person in world.people])
    return Finding(f"{rho:.2f}" + (": flagged" if rho > 0.95 else ""), rho <= 0.95)


def spearman(xs: list[float], ys: list[float]) -> float:
    a, b = _ranks(xs), _ranks(ys)
    mean = (len(a) + 1) / 2
    over = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    return over / (sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)) ** 0.5


def _ranks(values: list[float]) -> list[float]:
    """From 1; equal ones share the mean of their places."""
    places = defaultdict(list)
    for place, value in enumerate(sorted(values), 1):
        places[value].append(place)
    return [sum(places[value]) / len(places[value]) for value in values]


def another_source(world: World) -> Finding:
    """A second source joins the first: every kind's points must be at least what they were."""
    one, other = (count(_half(world.data.dealings, n)) for n in (0, 1))
    last, lowered = world.data.last_week, 0
    for person in {*one, *other}:
        both = _by_kind([*one.get(person, []), *other.get(person, [])], world.model, last)
        for alone in (_by_kind(half.get(person, []), world.model, last) for half in (one, other)):
            lowered += any(both.get(kind, 0) < earned for kind, earned in alone.items())
    return Finding(f"{lowered} of {len({*one, *other}):,} people lowered", lowered == 0)


def _half(dealings: list[Dealing], n: int) -> Iterable[Dealing]:
    return (dealing for i, dealing in enumerate(dealings) if i % 2 == n)


def _by_kind(counts: list[reference.Count], model: reference.Model, as_of: date) -> dict[int, int]:
    return {part.kind: part.points for part in reference.score(counts, [], model, as_of)}


def own_acts(world: World) -> Finding:
    """Somebody does everything towards a thousand others each week, and nobody answers."""
    cap = sum(weight for kind, (weight, _) in world.numbers.terms.items() if kind in OWN_ACTS)
    last = world.data.last_week
    loud = [reference.Count(kind, last - n * WEEK, 1000) for kind in OWN_ACTS for n in range(RING_WEEKS)]
    reached = points(loud, world.model, last)
    return Finding(f"{reached:.1f} of at most {cap}", reached <= cap)


def rings(world: World) -> Finding:
    """People who write to each other alone, with the half-way points of the company's busy quarter."""
    model = replace(world.numbers, terms=quartile_terms(world)).as_reference()
    last = world.data.last_week
    told, ours = [], {}
    for size in RINGS:
        inside = list(_ring(size, last))
        ours[size] = points(count(inside)["ring 0"], model, last)
        theirs = [_in_the_midst(world, name, inside) for name in ("klout", "plain")]
        told.append(f"{size} people: {ours[size]:.0f} (Klout-style {theirs[0]:.0f}, plain {theirs[1]:.0f})")
    return Finding("; ".join(told), ours[2] <= 35 if world.data.name == "Mail" else None)


def quartile_terms(world: World) -> dict[int, tuple[int, int]]:
    """The same weights, each half-way at the 75th percentile of what people here weigh in that kind."""
    weighed = defaultdict(list)
    for person in world.people:
        for part in reference.score(world.counts[person], [], world.model, world.data.last_week):
            weighed[part.kind].append(part.colleagues / reference.MILLION)
    found = {kind: quantiles(those)[2] for kind, those in weighed.items() if len(those) > 1}
    usual = sorted(found.values())[len(found) // 2]
    return {kind: (weight, max(1, round(found.get(kind, usual)))) for kind, (weight, _) in world.numbers.terms.items()}


def _ring(size: int, last: date) -> Iterable[Dealing]:
    people = [f"ring {n}" for n in range(size)]
    for day in (last + WEEK - n * DAY for n in range(1, 7 * RING_WEEKS + 1)):
        for one in people:
            for n in range(MESSAGES_A_DAY):
                other = people[(people.index(one) + 1 + n % (size - 1)) % size]
                yield Dealing(day, list(Act)[n % len(Act)], one, other)


def _in_the_midst(world: World, name: str, inside: list[Dealing]) -> float:
    """The ring's score among everybody else's, at the scale that holds without it."""
    with_ring = Baseline(name, [*world.data.dealings, *inside])
    with_ring.scale = getattr(world, name).scale
    return with_ring.at("ring 0", world.data.last_week + 6 * DAY)


def explained(world: World) -> Finding:
    """Parts add up to the score, and reasons to what changed within four weeks, to the last hundredth."""
    last, wrong = world.data.last_week, 0
    for person in world.people:
        counts = tuple(Counted(c.week, c.kind, None, "", c.colleagues) for c in world.counts[person])  # type: ignore[arg-type]
        basis = Basis(counts, (), world.model, last)
        before, after = (_score_row(world, person, week) for week in (last - 4 * WEEK, last))
        moved = sum(step.moved for step in steps_between(before, after, basis, world.model))
        wrong += sum(after.points) != after.value or moved != after.value - before.value
    return Finding(f"{len(world.people) - wrong:,} of {len(world.people):,} people", wrong == 0)


def _score_row(world: World, person: str, week: date) -> Score:
    parts = reference.score([c for c in world.counts[person] if c.week <= week], [], world.model, week)
    return Score(
        run=Run(week=week),
        value=sum(part.points for part in parts),
        kinds=[part.kind for part in parts],
        points=[part.points for part in parts],
        colleagues=[part.colleagues for part in parts],
    )


NOTE_DAILY = (
    "Ours moves once a week: what others spread over seven days falls on one Monday, which is why it is missed on mail,"
    " where few messages come in and the others hardly move. Next: weigh the last full week by the days since it ended."
)
NOTE_RINGS = (
    "Half-way points at the 75th percentile of each kind. A large ring that does everything there is to do each day"
    " does reach much: different colleagues are what counts, and there are ten of them."
)
MEASURES = (
    Measure("Fall after 14 paused days", "0.0 points for everyone", paused),
    Measure("Fall after 14 silent, not paused days", "at most a third of the Klout-style score’s", silent),
    Measure("Change from day to day, 99th percentile", "at most half of the Klout-style score’s", daily, NOTE_DAILY),
    Measure("Five times the messages to the same colleagues", "0.0 points", five_times),
    Measure("Rings of people who write to each other 100 times a day for 26 weeks",
            "a ring of 2 at most 35 on mail", rings, NOTE_RINGS),
    Measure("Honest pairs that endorse each other", "same points for the same numbers", reciprocal),
    Measure("Endorsing oneself", "counts nothing", to_oneself),
    Measure("Rank correlation with plain volume", "reported; flagged above 0.95", volume),
    Measure("A second source", "never lowers the points of a kind", another_source),
    Measure("What one does alone, answered by nobody", "at most the cap the model states", own_acts),
    Measure("Explanations adding up", "exact for everyone", explained),
)  # fmt: skip
