"""The steward's page of a run that was held back, the bounds, and what people are told meanwhile."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from scoring.models import DriftBounds, ModelVersion, Run
from scoring.states import RunScope
from tests.browsing import plain
from tests.factories.accounts import PersonFactory

MOVED = {"stability": 0.41, "without": [0.1, 0.45], "volumes": []}


@pytest.fixture
def steward(in_acme):
    return PersonFactory(roles=[Role.STEWARD])


@pytest.fixture
def browser(client_for, steward):
    return client_for(steward)


@pytest.fixture
def held(steward, now):
    """As the engine leaves it."""
    return Run.objects.create(
        model=ModelVersion.objects.get(is_current=True), scope=RunScope.FULL, week="2026-11-09", started_at=now,
        finished_at=now, people=60, is_held=True, drift=MOVED, beyond=["stability", "without"],
    )  # fmt: skip


def test_page_says_what_moved_and_takes_a_reason(browser, held):
    assert "The newest run is held back" in plain(browser.get("/manage/runs/"))
    page = plain(browser.get(f"/manage/runs/{held.pk}/"))
    assert "population stability index is 0.41" in page
    assert "were 10 % of those people, and now are 45 %" in page
    assert "The spread of scores and the share without enough to go by" in page
    refused = browser.post(f"/manage/runs/{held.pk}/", {"reason": " "})
    assert (refused.status_code, "Say why" in plain(refused)) == (422, True)
    answer = browser.post(f"/manage/runs/{held.pk}/", {"reason": "The summer holidays."})
    assert answer.url.startswith("/manage/jobs/")


def test_run_that_is_not_the_newest_is_not_let_through(browser, held, now):
    Run.objects.create(
        model=held.model, scope=RunScope.FULL, week=held.week, started_at=now, finished_at=now, people=60
    )
    answer = browser.post(f"/manage/runs/{held.pk}/", {"reason": "Why not."})
    assert (answer.status_code, "not the newest" in plain(answer)) == (409, True)
    assert "nothing to let through" in plain(browser.get(f"/manage/runs/{held.pk}/"))


@pytest.mark.usefixtures("bounds_put_back")
def test_bounds_are_set_with_a_reason_and_within_limits(browser, steward):
    values = {"stability": "0.3", "without": "0.2", "volume_least": "0.1", "volume_most": "8"}
    assert browser.post("/manage/runs/bounds/", values).status_code == 422
    assert browser.post("/manage/runs/bounds/", values | {"stability": "2", "reason": "x"}).status_code == 422
    assert browser.post("/manage/runs/bounds/", values | {"reason": "We are few."}).status_code == 302
    made = DriftBounds.objects.latest("pk")
    assert (str(made.stability), made.set_by, made.reason) == ("0.30", steward.pk, "We are few.")


def test_runs_are_listed_with_as_many_queries_for_three_as_for_one(browser, held, now):
    browser.get("/manage/runs/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/manage/runs/")
    for _ in range(2):
        Run.objects.create(
            model=held.model, scope=RunScope.FULL, week=held.week, started_at=now, finished_at=now, people=60
        )
    with CaptureQueriesContext(connection) as three:
        browser.get("/manage/runs/")
    assert len(three) == len(one)
