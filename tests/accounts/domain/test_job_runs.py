"""Whatever a job's function does, the person who watches it gets an answer."""

import logging

import pytest
from django.db import OperationalError, transaction

from accounts.domain import job_runs, jobs
from accounts.errors import DomainError
from accounts.models import Job
from accounts.states import JobState
from tests.factories.accounts import JobFactory, PersonFactory

pytestmark = pytest.mark.usefixtures("in_acme")


def count(job):
    for step in range(job.arguments["to"]):
        jobs.progress(job, step + 1, job.arguments["to"], "Counting")
    return "/me/"


def refuse(job):
    raise DomainError("There is nothing to count.")


def stumble(job):
    raise ValueError("alice@acme.example wrote nonsense")


def lose_the_database(job):
    raise OperationalError("server closed the connection")


def lose_the_lease(job):
    Job.objects.filter(pk=job.pk).update(attempts=job.attempts + 1)
    jobs.progress(job, 1)


def finish_itself(job):
    jobs.finish(job, at=job.created_at, result_url="/me/score/")


def finish_and_roll_back(job):
    with transaction.atomic():
        jobs.finish(job, at=job.created_at)
        raise DomainError("The last row was wrong.")


def stumble_after_the_end(job):
    jobs.finish(job, at=job.created_at)
    raise ValueError("too late to matter")


def be_cancelled(job):
    jobs.request_cancel(job, by=PersonFactory(), at=job.created_at)
    jobs.progress(job, 1)


@pytest.fixture
def ended(settings, now):
    """Run one function as a job and return the job as it stands then."""

    def run(function, **arguments):
        settings.JOBS = {"count": f"{__name__}.{function.__name__}"}
        job = JobFactory(arguments=arguments, created_at=now)
        job_runs.run(job.pk, clock=lambda: now)
        job.refresh_from_db()
        return job

    return run


def test_job_that_comes_to_its_end_is_done(ended, now):
    job = ended(count, to=3)

    assert (job.state, job.done, job.total, job.result_url, job.finished_at) == (JobState.DONE, 3, 3, "/me/", now)


def test_job_may_end_itself_in_its_own_transaction(ended):
    job = ended(finish_itself)

    assert (job.state, job.result_url) == (JobState.DONE, "/me/score/")


def test_end_that_was_rolled_back_is_no_end(ended):
    job = ended(finish_and_roll_back)

    assert (job.state, job.message) == (JobState.FAILED, "The last row was wrong.")


def test_error_after_the_end_changes_nothing(ended):
    assert ended(stumble_after_the_end).state == JobState.DONE


def test_refusal_becomes_the_jobs_sentence(ended):
    job = ended(refuse)

    assert (job.state, job.message) == (JobState.FAILED, "There is nothing to count.")


def test_unforeseen_error_fails_with_a_general_sentence(ended):
    job = ended(stumble)

    assert job.state == JobState.FAILED
    assert job.message == job_runs.UNEXPECTED.format(number=job.pk)


def test_unforeseen_error_is_logged_with_the_jobs_number_and_nothing_people_wrote(ended, caplog):
    with caplog.at_level(logging.ERROR, logger="accounts.domain.job_runs"):
        job = ended(stumble)

    assert f"Job {job.pk} failed: ValueError at {__file__}" in caplog.text
    assert "alice" not in caplog.text


def test_cancelled_job_says_so(ended):
    assert ended(be_cancelled).state == JobState.CANCELLED


@pytest.mark.parametrize("function", [lose_the_lease, lose_the_database])
def test_job_that_lost_its_footing_is_left_for_the_next_attempt(ended, function):
    job = ended(function)

    assert (job.state, job.message) == (JobState.RUNNING, "")


def test_job_of_another_worker_is_not_run(settings, now):
    settings.JOBS = {"count": f"{__name__}.stumble"}
    job = JobFactory(state=JobState.RUNNING)

    job_runs.run(job.pk, clock=lambda: now)

    assert Job.objects.get(pk=job.pk).state == JobState.RUNNING
