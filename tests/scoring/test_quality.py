"""The measures of `make evaluate`: that they can fail, and that the report on record is what they give."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bench.quality import measures
from bench.quality.baselines import Baseline
from bench.quality.data import Data, Dealing, all_of, count
from bench.quality.measures import MEASURES, spearman
from bench.quality.world import World
from scoring.domain import reference
from scoring.domain.evaluations import EVALUATIONS, evaluation_of
from scoring.domain.model_numbers import Numbers
from scoring.models import ModelVersion
from scoring.states import Act

REAL = Path(__file__).resolve().parents[3] / "shared" / "data"
FIRST = Numbers(
    30, 3, {1: (20, 40), 2: (15, 40), 3: (20, 27), 4: (10, 27), 5: (5, 40), 6: (10, 40), 7: (5, 54), 8: (15, 54)}
)
MONDAY = date(2026, 1, 5)
DEALINGS = [
    Dealing(MONDAY + timedelta(days=7 * week + n), act, f"p{n}", f"p{(n + step) % 7}")
    for week in range(60)
    for n in range(7)
    for step, act in ((1, Act.ANSWERED), (2, Act.REVIEWED), (3, Act.MENTIONED), (0, Act.REACTED))
    if (week + n) % 5
]


@pytest.fixture
def world():
    return World(Data("Made up", "here", DEALINGS, Act.REVIEWED), FIRST)


def test_different_colleagues_are_counted_by_week_and_kind_and_oneself_is_not():
    twice = [Dealing(MONDAY, Act.ANSWERED, "a", "b")] * 2
    more = [Dealing(MONDAY + timedelta(days=6), Act.ANSWERED, "a", "c"), Dealing(MONDAY, Act.ANSWERED, "a", "a")]
    assert count([*twice, *more]) == {
        "a": [reference.Count(1, MONDAY, 2)], "b": [reference.Count(2, MONDAY, 1)], "c": [reference.Count(2, MONDAY, 1)],
    }  # fmt: skip


def test_baseline_forgets_after_ninety_days_and_not_before():
    baseline = Baseline("plain", [Dealing(MONDAY, Act.ANSWERED, "a", "b")])
    assert baseline.at("a", MONDAY) == baseline.at("a", MONDAY + timedelta(days=89)) == 1
    assert baseline.at("a", MONDAY + timedelta(days=90)) == baseline.at("a", MONDAY - timedelta(days=1)) == 0
    assert baseline.at("a", MONDAY, silent_from=MONDAY) == 0


def test_rank_correlation_is_spearmans():
    assert spearman([1, 2, 3, 4], [10, 20, 30, 40]) == 1
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == -1
    assert spearman([1, 2, 2, 4], [1, 3, 2, 4]) == pytest.approx(0.9486832980505138)  # as SciPy has it


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.what)
def test_every_measure_gives_a_figure(world, measure):
    found = measure.find(world)
    assert found.measured
    assert found.is_met in (True, False, None)


class Messages(World):
    """A score that counts messages: what the measures are there to find."""

    def score(self, person, as_of):
        return float(sum(person in (d.actor, d.target) for d in self.data.dealings if d.day < as_of + measures.WEEK))


def test_counting_messages_is_found_out(world):
    bad = Messages(world.data, world.numbers)
    bad.__dict__["people"] = world.people
    assert measures.five_times(bad).is_met is False
    assert measures.volume(world).is_met is True


def test_without_the_pause_there_is_a_fall(world):
    """So that a pause which did nothing would be seen."""
    assert float(measures.silent(world).measured.split()[0]) > 1


def test_ring_above_its_bound_is_found_out(world):
    easy = replace(world.numbers, terms={kind: (weight, 1) for kind, (weight, _) in world.numbers.terms.items()})
    assert measures.rings(World(replace(world.data, name="Mail"), easy)).is_met is False


def test_first_model_has_a_report(in_acme):
    assert Numbers.of(ModelVersion.objects.prefetch_related("terms").get(number=1)) == FIRST
    assert evaluation_of(FIRST.digest).digest == FIRST.digest
    assert evaluation_of("0" * 64) is None


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="The real interaction data is not here.")
def test_report_on_record_is_what_the_measures_give():
    told = json.loads((EVALUATIONS / f"{FIRST.digest}.json").read_text("utf-8"))
    rows = {row["what"]: [found["measured"] for found in row["found"]] for row in told["rows"]}
    worlds = [World(data, FIRST) for data in all_of(REAL)]
    for measure in MEASURES:
        assert [measure.find(world).measured for world in worlds] == rows[measure.what]
