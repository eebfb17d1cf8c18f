"""Instants as exports write them, and their weeks."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.connectors.calendar import Calendar
from scoring.connectors.refusals import RowRefused
from tests.conftest import NOW


def _monday(week):
    return date.fromordinal(week * 7 + 1)


@pytest.mark.parametrize(
    ("written", "monday"),
    [
        ("2026-11-09", date(2026, 11, 9)),
        ("2026-11-08T23:59:59Z", date(2026, 11, 2)),
        ("2026-11-09 00:00", date(2026, 11, 9)),
        ("2026-11-09T00:30:00+02:00", date(2026, 11, 2)),
        ("2026-11-08T23:30:00-02:00", date(2026, 11, 9)),
        ("2026/11/09 00:00:00 +0000", date(2026, 11, 9)),
        ("2026-11-09 00:00:00 UTC", date(2026, 11, 9)),
        ("1794182400", date(2026, 11, 9)),
        ("1794182399.9", date(2026, 11, 2)),
        ("20261109", date(2026, 11, 9)),
    ],
)
def test_instant_has_the_week_of_its_utc_day(written, monday):
    calendar = Calendar(now=NOW)
    assert [_monday(calendar.week(written)) for _ in range(2)] == [monday, monday]


@given(
    instants=st.lists(
        st.tuples(st.integers(978_307_200, 1_790_000_000), st.sampled_from([0, 345, -570, 840])).map(
            lambda drawn: datetime.fromtimestamp(drawn[0], timezone(timedelta(minutes=drawn[1])))
        ),
        max_size=50,
    )
)
def test_remembering_never_changes_a_week(instants):
    calendar = Calendar(now=NOW)
    for instant in instants:
        for written in (instant.isoformat(), instant.isoformat(sep=" ", timespec="minutes")):
            day = datetime.fromisoformat(written).astimezone(UTC).date()
            assert _monday(calendar.week(written)) == day - timedelta(days=day.weekday())
            assert day.toordinal() in calendar.days


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "neither"), ("yesterday", "neither"), ("31.12.2026", "neither"), ("2026-13-01", "neither"),
        ("1969-12-31T23:59:59Z", "before the year 2000"), ("0", "neither"), ("1000000", "neither"),
        ("2026-11-19T12:00:01Z", "future"), ("9" * 30, "no number"), ("946684799", "before the year 2000"),
    ],
)  # fmt: skip
def test_what_is_no_instant_of_ours_is_refused(written, sentence):
    with pytest.raises(RowRefused, match=sentence):
        Calendar(now=NOW).week(written)
