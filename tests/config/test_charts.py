"""The charts' geometry, by property: bars meet, lines stay inside, what is shown adds up."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import charts

POINTS = st.decimals(min_value=-100, max_value=100, places=4)
COUNTS = st.integers(min_value=0, max_value=10_000)
DAYS = st.integers(min_value=0, max_value=1_000).map(lambda n: date(2026, 1, 5) + timedelta(days=n))
HISTORIES = st.dictionaries(DAYS, st.none() | st.decimals(min_value=0, max_value=100, places=2), min_size=1)


def rows(parts):
    return [(f"part {number}", part, "") for number, part in enumerate(parts)]


@given(st.lists(POINTS), st.integers(min_value=0, max_value=3))
def test_rounded_parts_add_up_to_the_rounded_sum(parts, places):
    unit = Decimal(1).scaleb(-places)
    assert sum(charts.apportion(parts, places)) == Decimal(sum(parts)).quantize(unit)


@given(st.lists(POINTS), st.integers(min_value=0, max_value=3))
def test_no_part_moves_by_a_whole_unit(parts, places):
    unit = Decimal(1).scaleb(-places)
    shown = charts.apportion(parts, places)
    assert all(abs(after - before) < unit for before, after in zip(parts, shown, strict=True))


@given(st.lists(POINTS, min_size=1))
def test_each_bar_lies_inside_the_plane(parts):
    drawn = charts.waterfall(rows(parts), total=sum(parts), places=1)
    assert all(step.x >= 0 and step.x + step.width <= 100.02 for step in (*drawn.steps, drawn.total))


@given(st.lists(st.decimals(min_value=0, max_value=100, places=1), min_size=1))
def test_each_bar_begins_where_the_last_one_ended(parts):
    drawn = charts.waterfall(rows(parts), total=None, places=1)
    assert all(a.x + a.width == pytest.approx(b.x, abs=0.03) for a, b in pairwise(drawn.steps))


@given(st.lists(POINTS, min_size=1))
def test_widths_measure_points_on_one_scale(parts):
    drawn = charts.waterfall(rows(parts), total=None, places=1)
    widest = max(drawn.steps, key=lambda step: abs(step.points))
    scale = widest.width / float(abs(widest.points) or 1)
    assert all(step.width == pytest.approx(abs(float(step.points)) * scale, abs=0.1) for step in drawn.steps)


def test_a_waterfall_refuses_parts_that_do_not_make_the_total():
    with pytest.raises(charts.PartsDoNotAddUpError, match=r"add up to 3, the total says 3\.1"):
        charts.waterfall(rows([1, 2]), total=Decimal("3.1"), places=1)


def test_a_known_full_scale_leaves_room_for_what_is_missing():
    drawn = charts.waterfall(rows([25]), total=25, places=1, full=100)
    assert (drawn.total.x, drawn.total.width) == (0, 25)


def test_losses_are_marked_and_run_backwards():
    drawn = charts.waterfall(rows([10, -4]), total=6, places=1)
    assert [(step.x, step.width, step.is_loss) for step in drawn.steps] == [(0, 100, False), (60, 40, True)]


@given(st.decimals(min_value=0, max_value=1_000_000, places=2))
def test_an_axis_covers_its_top_with_few_even_marks(top):
    marks = charts.axis(top)
    assert marks[0] == 0
    assert marks[-1] >= top
    assert 2 <= len(marks) <= 6
    assert len({after - before for before, after in pairwise(marks)}) == 1


@given(HISTORIES)
def test_a_trend_stays_inside_the_plane_and_runs_in_time(history):
    drawn = charts.trend(history.items())
    assert all(0 <= point.x <= 100 and 0 <= point.y <= 100 for point in drawn.known)
    assert [point.on for point in drawn.points] == sorted(history)


@given(HISTORIES)
def test_a_trend_has_one_line_for_each_unbroken_run(history):
    values = [None, *(history[day] for day in sorted(history))]
    runs = sum(before is None and after is not None for before, after in pairwise(values))
    assert len(charts.trend(history.items()).lines) == runs


def test_a_single_value_is_a_dot_in_the_middle():
    drawn = charts.trend([(date(2026, 11, 23), 50)])
    assert drawn.lines == ("M50.0 16.67h0",)


@given(st.lists(st.none() | COUNTS, max_size=60))
def test_bars_stand_on_the_ground_and_do_not_touch(counts):
    drawn = charts.bars((str(week), count) for week, count in enumerate(counts)).bars
    assert all(bar.y + bar.height == pytest.approx(100) for bar in drawn)
    assert all(a.x + a.width < b.x for a, b in pairwise(drawn))
