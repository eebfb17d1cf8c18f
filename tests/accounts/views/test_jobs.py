"""Watching a job."""

import pytest

from accounts.states import JobState, Role
from tests.browsing import plain
from tests.factories.accounts import JobFactory, PersonFactory


@pytest.fixture
def steward(in_acme):
    return PersonFactory(roles=[Role.STEWARD])


@pytest.fixture
def page_of(client_for, steward):
    def look(**job):
        return plain(client_for(steward).get(f"/manage/jobs/{JobFactory(**job).pk}/"))

    return look


REFRESH = '<noscript><meta http-equiv="refresh"'


def test_running_job_shows_how_far_it_is_and_renews_itself(page_of):
    page = page_of(state=JobState.RUNNING, done=1234, total=5000, phase="Reading rows", attempts=1)

    assert "Reading rows" in page
    assert "1,234 of 5,000" in page
    assert REFRESH in page
    assert "hx-get" in page


def test_waiting_job_says_so(page_of):
    assert "Waiting for a worker" in page_of()


def test_job_begun_again_says_so(page_of):
    assert "This is attempt 2" in page_of(state=JobState.RUNNING, attempts=2)


def test_done_job_leads_to_its_result_and_stands_still(page_of, now):
    page = page_of(state=JobState.DONE, finished_at=now, result_url="/manage/runs/")

    assert 'href="/manage/runs/"' in page
    assert REFRESH not in page
    assert "hx-get" not in page


def test_failed_job_shows_its_sentence(page_of, now):
    assert "The file is empty." in page_of(state=JobState.FAILED, finished_at=now, message="The file is empty.")


def test_cancelling_is_asked_once(client_for, steward):
    job = JobFactory(state=JobState.RUNNING, attempts=1)

    page = plain(client_for(steward).post(f"/manage/jobs/{job.pk}/cancel/", follow=True))

    assert "It was asked to stop" in page
    assert "cancel/" not in page


def test_cancelling_what_is_over_is_refused(client_for, steward, now):
    job = JobFactory(state=JobState.DONE, finished_at=now)

    assert client_for(steward).post(f"/manage/jobs/{job.pk}/cancel/").status_code == 409


def test_starter_watches_their_own(client_for, bob):
    job = JobFactory(started_by=bob.pk)

    assert client_for(bob).get(f"/manage/jobs/{job.pk}/").status_code == 200


@pytest.mark.parametrize("act", ["", "cancel/"])
def test_others_jobs_are_not_found(client_for, bob, act):
    job = JobFactory()

    assert client_for(bob).post(f"/manage/jobs/{job.pk}/{act}").status_code in {404, 405}
    assert client_for(bob).get(f"/manage/jobs/{job.pk}/").status_code == 404
