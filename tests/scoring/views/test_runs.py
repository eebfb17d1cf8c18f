"""The steward's runs: how many, never who, and one more at will."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Job, RoleHeld
from accounts.states import Role
from scoring.models import ModelVersion, Run
from scoring.states import RunScope
from tests.browsing import plain
from tests.conftest import NOW
from tests.factories.accounts import PersonFactory
from tests.scoring.views.conftest import MONDAY

ADDRESS = "/manage/runs/"


@pytest.fixture
def steward(in_acme, now):
    steward = PersonFactory(name="Stella Stone")
    RoleHeld.objects.create(person=steward, role=Role.STEWARD, given_at=now)
    return steward


def _run(people):
    return Run.objects.create(
        model=ModelVersion.objects.get(is_current=True), scope=RunScope.FULL, week=MONDAY,
        started_at=NOW, finished_at=NOW, people=people,
    )  # fmt: skip


@pytest.mark.parametrize(("people", "shown"), [(0, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (1234, "1,234")])
def test_small_numbers_of_people_are_not_shown(client_for, steward, people, shown):
    _run(people)

    assert f'<td class="number">{shown}</td>' in plain(client_for(steward).get(ADDRESS))


def test_recomputing_starts_a_job_and_shows_it(client_for, steward):
    answer = client_for(steward).post("/manage/runs/recompute/")

    job = Job.objects.get()
    assert (job.kind, job.arguments, job.started_by) == ("run_scores", {"scope": "full"}, steward.pk)
    assert answer.headers["Location"] == f"/manage/jobs/{job.pk}/"


@pytest.mark.parametrize(("address", "method"), [(ADDRESS, "get"), ("/manage/runs/recompute/", "post")])
def test_who_may_not_run_scoring_is_refused(client_for, bob, address, method):
    assert getattr(client_for(bob), method)(address).status_code == 403


def test_recomputing_is_a_post(client_for, steward):
    assert client_for(steward).get("/manage/runs/recompute/").status_code == 405


def test_empty_list_says_what_is_needed(client_for, steward):
    assert "No run yet." in plain(client_for(steward).get(ADDRESS))


def test_page_asks_as_often_for_three_runs_as_for_one(client_for, steward):
    client = client_for(steward)
    _run(7)
    with CaptureQueriesContext(connection) as one:
        client.get(ADDRESS)

    _run(8)
    _run(9)

    with CaptureQueriesContext(connection) as three:
        client.get(ADDRESS)
    assert len(three) == len(one)
