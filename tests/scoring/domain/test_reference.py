"""The plain-Python score: its sums, its clock, and what cannot be bought with it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.reference import MILLION, Count, Model, Pause, points, score, weight

AS_OF = date(2026, 11, 16)
DECAY = tuple(round(MILLION * 2 ** (-days / 30)) for days in range(729))
MODEL = Model(terms={1: (60, 6), 2: (40, 4)}, decay=DECAY, minimum_colleagues=3)

mondays = st.integers(0, 120).map(lambda weeks: AS_OF - timedelta(weeks=weeks))
counts = st.lists(
    st.builds(Count, kind=st.sampled_from([1, 2]), week=mondays, colleagues=st.integers(1, 3000)), max_size=30
)


@given(counts)
def test_score_stays_below_one_hundred(rows):
    assert 0 <= sum(part.points for part in score(rows, [], MODEL, AS_OF)) <= 10_000


@given(counts, st.sampled_from([1, 2]))
def test_leaving_one_kind_out_lowers_no_other(rows, kind):
    of_other_kinds = [part for part in score(rows, [], MODEL, AS_OF) if part.kind != kind]
    without = score([row for row in rows if row.kind != kind], [], MODEL, AS_OF)
    assert without in (of_other_kinds, [])


@given(counts, st.integers(0, 40))
def test_pause_costs_exactly_nothing(rows, weeks):
    """Counts up to the pause weigh at its end what they weighed at its beginning."""
    later = AS_OF + timedelta(weeks=weeks)
    pause = Pause(AS_OF + timedelta(days=7), None)
    assert score(rows, [pause], MODEL, later) == score(rows, [], MODEL, AS_OF)


@given(st.integers(0, 10**12), st.integers(1, 100), st.integers(1, 1000))
def test_points_are_rounded_half_up_and_never_reach_the_weight_too_early(x, w, h):
    exact = 100 * w * x / (x + h * MILLION)
    assert abs(points(x, w, h) - exact) <= 0.5 + 1e-6


def test_half_way_point_earns_half_the_points():
    assert points(6 * MILLION, 60, 6) == 3000


def test_week_one_half_life_back_weighs_half():
    model = Model(
        terms=MODEL.terms, decay=tuple(round(MILLION * 2 ** (-d / 28)) for d in range(100)), minimum_colleagues=0
    )
    assert weight(AS_OF - timedelta(days=28), [], model, AS_OF) == 500_000


def test_week_older_than_the_model_remembers_weighs_nothing():
    assert weight(AS_OF - timedelta(weeks=105), [], MODEL, AS_OF) == 0


def test_week_after_the_as_of_week_does_not_count():
    assert score([Count(1, AS_OF + timedelta(days=7), 50)], [], MODEL, AS_OF) == []


def test_below_the_minimum_there_is_no_score():
    assert score([Count(1, AS_OF, 2)], [], MODEL, AS_OF) == []
