from datetime import date, timedelta

import pytest

from consent.models import Participation
from scoring.models import ModelVersion, Run, Score
from scoring.states import RunScope
from tests.browsing import client_for  # noqa: F401
from tests.everyones import everyones

MONDAY = date(2026, 11, 16)


@pytest.fixture
def make_score(in_acme, now):
    """Insert a score of a person as of a week: `points` are hundredths by kind."""

    def make(person, points: dict[int, int], *, weeks_ago: int = 0) -> Score:
        run = Run.objects.create(
            model=ModelVersion.objects.get(is_current=True), scope=RunScope.FULL,
            week=MONDAY - timedelta(weeks=weeks_ago), started_at=now, finished_at=now, people=1,
        )  # fmt: skip
        return everyones(Score).create(
            run=run, person=person, participation=Participation.objects.get(person=person),
            value=sum(points.values()), kinds=list(points), points=list(points.values()),
            colleagues=[5_250_000] * len(points),
        )  # fmt: skip

    return make
