"""How far from a first score: weighed as a run would weigh."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from consent.domain.data_uses import own_view
from consent.models import OpenGrant
from scoring.domain.evidence import Evidence, evidence_of
from scoring.domain.exclusions import exclude
from scoring.models import Pause, WeekCount
from tests.everyones import everyones

MONDAY = date(2026, 11, 9)  # of the last full week


def look(person, *, at) -> Evidence:
    with own_view(person, reason="Looking", at=at):
        return evidence_of(person, at=at)


@pytest.fixture
def count(alice):
    everyones(OpenGrant).filter(person=alice).update(counts_from=MONDAY - timedelta(weeks=200))

    def insert(colleagues, *, kind=1, weeks_ago=0):
        everyones(WeekCount).create(
            person=alice, grant=OpenGrant.objects.get(person=alice), kind=kind,
            week=MONDAY - timedelta(weeks=weeks_ago), colleagues=colleagues,
        )  # fmt: skip

    return insert


def test_nothing_counted_is_no_evidence(alice, now):
    assert look(alice, at=now) == Evidence(Decimal("0.0"), 3)


def test_the_last_full_week_weighs_whole_and_older_ones_fade(alice, count, now):
    count(1)
    count(2, weeks_ago=1)

    assert look(alice, at=now).so_far == Decimal("2.7")  # 1 + 2 · 2^(−7/30) = 2.701


def test_what_falls_short_by_little_is_not_rounded_to_enough(alice, count, now):
    count(1)
    count(2, kind=2, weeks_ago=0)
    assert look(alice, at=now).is_enough

    exclude(alice, week=MONDAY, kind=2, at=now)
    count(2, kind=2, weeks_ago=1)
    assert not look(alice, at=now).is_enough


def test_excluded_counts_do_not_count(alice, count, now):
    count(5)
    exclude(alice, week=MONDAY, at=now)

    assert look(alice, at=now).so_far == 0


def test_paused_days_do_not_age(alice, count, now):
    count(2, weeks_ago=1)
    everyones(Pause).create(person=alice, started_on=MONDAY, ended_on=None)

    assert look(alice, at=now).so_far == 2


def test_counts_older_than_the_model_looks_back_weigh_nothing(alice, count, now):
    count(50, weeks_ago=120)

    assert look(alice, at=now).so_far == 0
