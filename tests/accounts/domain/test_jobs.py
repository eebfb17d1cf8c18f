"""The life of a job: leased, told about, ended, and taken over when its worker falls silent."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django_q.models import OrmQ

from accounts.domain import jobs
from accounts.models import Job
from accounts.states import JobState
from accounts.tenants.context import in_public
from consent.audit.models import Entry
from tests.factories.accounts import JobFactory, PersonFactory

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(autouse=True)
def _kinds(settings):
    settings.JOBS = {"count": "tests.accounts.domain.test_job_runs.count"}


@pytest.fixture
def job(now):
    return JobFactory(created_at=now - timedelta(minutes=5))


@pytest.fixture
def leased(job, now):
    return jobs.lease(job.pk, at=now)


def test_start_queues_the_job_and_one_kick(now):
    starter = PersonFactory()

    job = jobs.start("count", title="Counting", arguments={"to": 3}, by=starter, at=now)

    with in_public():
        kicks = OrmQ.objects.count()
    assert (job.state, job.started_by, job.arguments, kicks) == (JobState.QUEUED, starter.pk, {"to": 3}, 1)


def test_start_refuses_a_kind_that_nobody_can_do(now):
    with pytest.raises(jobs.UnknownKind):
        jobs.start("guess", title="Guessing", arguments={}, by=None, at=now)


def test_lease_counts_the_attempt_before_the_work(job, now):
    leased = jobs.lease(job.pk, at=now)

    assert (leased.state, leased.attempts, leased.lease_until) == (JobState.RUNNING, 1, now + jobs.LEASE)


def test_leased_job_is_not_leased_twice(leased, now):
    with pytest.raises(jobs.NotWaiting):
        jobs.lease(leased.pk, at=now)


def test_unknown_job_is_not_leased(now):
    with pytest.raises(jobs.NotWaiting):
        jobs.lease(uuid.uuid4(), at=now)


def test_fourth_attempt_is_parked_with_a_sentence(now):
    job = JobFactory(attempts=3, created_at=now)

    with pytest.raises(jobs.NotWaiting):
        jobs.lease(job.pk, at=now)

    job.refresh_from_db()
    assert (job.state, job.message) == (
        JobState.FAILED,
        "It was begun 3 times and never came to its end. Nothing more is tried.",
    )


def test_progress_is_told_and_keeps_the_lease(leased):
    jobs.progress(leased, 2, 10, "Counting")

    told = Job.objects.get(pk=leased.pk)
    assert (told.done, told.total, told.phase) == (2, 10, "Counting")
    assert told.lease_until > leased.lease_until


def test_progress_may_ask_for_a_longer_silence(leased):
    jobs.progress(leased, 0, silent_for=timedelta(hours=1))

    assert Job.objects.get(pk=leased.pk).lease_until - leased.lease_until > timedelta(minutes=50)


def test_progress_without_words_keeps_the_last_ones(leased):
    jobs.progress(leased, 1, 10, "Counting")
    jobs.progress(leased, 2, 10)

    assert Job.objects.get(pk=leased.pk).phase == "Counting"


def test_progress_of_a_job_to_be_cancelled_stops_it(leased, now):
    jobs.request_cancel(leased, by=PersonFactory(), at=now)

    with pytest.raises(jobs.Cancelled):
        jobs.progress(leased, 1)


def test_progress_inside_a_transaction_is_refused(leased):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        jobs.progress(leased, 1)


def test_silent_job_is_let_go_and_asked_for_again(leased, now):
    later = now + jobs.LEASE + timedelta(seconds=1)

    asked = jobs.kick_due(at=later)

    leased.refresh_from_db()
    assert (asked, leased.state, leased.lease_until, leased.attempts) == (1, JobState.QUEUED, None, 1)


def test_job_with_a_live_worker_is_left_alone(leased, now):
    assert jobs.kick_due(at=now + timedelta(seconds=30)) == 0


def test_job_just_started_is_not_asked_for_twice(now):
    JobFactory(created_at=now)

    assert jobs.kick_due(at=now + timedelta(seconds=30)) == 0


def test_silent_job_to_be_cancelled_is_cancelled(leased, now):
    jobs.request_cancel(leased, by=PersonFactory(), at=now)

    jobs.kick_due(at=now + jobs.LEASE + timedelta(seconds=1))

    leased.refresh_from_db()
    assert leased.state == JobState.CANCELLED


@pytest.fixture
def taken_over(leased, now):
    """What the first worker still holds in its hands, while a second one has the job."""
    stale = Job.objects.get(pk=leased.pk)
    later = now + timedelta(minutes=2)
    jobs.kick_due(at=later)
    jobs.lease(leased.pk, at=later)
    return stale


@pytest.mark.parametrize(
    "write",
    [
        lambda job, at: jobs.progress(job, 9, phase=f"At {at}"),
        lambda job, at: jobs.finish(job, at=at),
        lambda job, at: jobs.fail(job, "No.", at=at),
        lambda job, at: jobs.stop(job, at=at),
    ],
)
def test_worker_whose_lease_was_taken_over_writes_nothing(taken_over, now, write):
    before = Job.objects.filter(pk=taken_over.pk).values().get()

    with pytest.raises(jobs.LeaseLost):
        write(taken_over, now)

    assert Job.objects.filter(pk=taken_over.pk).values().get() == before


def test_waiting_job_is_cancelled_at_once_and_the_ledger_knows_by_whom(job, now):
    person = PersonFactory()

    jobs.request_cancel(job, by=person, at=now)

    job.refresh_from_db()
    entry = Entry.objects.get(event="accounts.job_cancelled")
    assert (job.state, job.finished_at) == (JobState.CANCELLED, now)
    assert (entry.by, entry.payload) == (person.pk, {"job": str(job.pk)})


def test_asking_twice_to_cancel_is_one_act(leased, now):
    jobs.request_cancel(leased, by=PersonFactory(), at=now)
    jobs.request_cancel(leased, by=PersonFactory(), at=now + timedelta(seconds=5))

    assert Entry.objects.filter(event="accounts.job_cancelled").count() == 1


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_job_that_is_over_cannot_be_cancelled(now, state):
    job = JobFactory(state=state, finished_at=now)

    with pytest.raises(jobs.JobIsOver, match="is over already"):
        jobs.request_cancel(job, by=PersonFactory(), at=now)


VERBS = {
    "lease": lambda job, at: jobs.lease(job.pk, at=at),
    "finish": lambda job, at: jobs.finish(job, at=at),
    "fail": lambda job, at: jobs.fail(job, "No.", at=at),
    "stop": lambda job, at: jobs.stop(job, at=at),
}
OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
OUTCOMES = [
    ("lease", JobState.QUEUED, JobState.RUNNING),
    ("lease", JobState.RUNNING, jobs.NotWaiting),
    *(("lease", state, jobs.NotWaiting) for state in OVER),
    ("finish", JobState.QUEUED, jobs.ForbiddenMove),
    ("finish", JobState.RUNNING, JobState.DONE),
    *(("finish", state, jobs.ForbiddenMove) for state in OVER),
    ("fail", JobState.QUEUED, JobState.FAILED),
    ("fail", JobState.RUNNING, JobState.FAILED),
    *(("fail", state, jobs.ForbiddenMove) for state in OVER),
    ("stop", JobState.QUEUED, JobState.CANCELLED),
    ("stop", JobState.RUNNING, JobState.CANCELLED),
    *(("stop", state, jobs.ForbiddenMove) for state in OVER),
]


@pytest.mark.parametrize(("verb", "state", "outcome"), OUTCOMES)
def test_verb_in_state_has_this_outcome(now, verb, state, outcome):
    over = {"finished_at": now} if state in OVER else {}
    job = JobFactory(state=state, **over)
    assert _outcome(VERBS[verb], job, now) == outcome


def _outcome(verb, job, at):
    try:
        verb(job, at)
    except (jobs.NotWaiting, jobs.ForbiddenMove) as refusal:
        return type(refusal)
    job.refresh_from_db()
    return job.state
