"""Real worker processes: started, killed in the middle of a job, started again."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.utils import timezone
from django_q.models import Schedule

from accounts import tasks
from accounts.domain import companies, jobs
from accounts.models import Job
from accounts.states import JobState, Role
from accounts.tenants import kicks
from accounts.tenants.context import in_public, in_schema
from accounts.tenants.models import Company
from config.management.commands.work import keep_one_tick
from tests.factories.accounts import JobFactory, PersonFactory

PATIENCE = 30  # seconds


@pytest.fixture
def start_worker(committed):
    """Start `manage.py work` as its own process group; whatever still runs at the end is killed."""
    started = []

    def start(**environment):
        process = subprocess.Popen(
            [sys.executable, "manage.py", "work"],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.accounts.worker_settings", **environment},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        _kill(process)


def _kill(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until(claim):
    for _ in range(PATIENCE * 10):
        if claim():
            return
        time.sleep(0.1)
    pytest.fail("it did not come true in time")


def _job(pk) -> Job:
    with in_schema("acme"):
        return Job.objects.get(pk=pk)


@pytest.fixture
def lingering(committed, settings):
    settings.JOBS = {"linger": "tests.accounts.lingering.linger"}
    with in_schema("acme"):
        return jobs.start("linger", title="Lingering", arguments={}, by=None, at=timezone.now()).pk


@pytest.mark.slow
def test_job_of_a_killed_worker_is_resumed_by_the_next(start_worker, lingering):
    first = start_worker()
    _wait_until(lambda: _job(lingering).done >= 3)
    _kill(first)
    silence_is_over = _job(lingering).lease_until + jobs.LEASE

    with in_schema("acme"):
        tasks.kick_due_jobs(at=silence_is_over)
    start_worker()
    _wait_until(lambda: _job(lingering).state == JobState.DONE)

    job = _job(lingering)
    assert (job.attempts, job.phase, job.result_url) == (2, "Begun again", "/me/account/")


@pytest.mark.slow
def test_job_that_is_cancelled_stops_its_real_worker(start_worker, lingering):
    start_worker()
    _wait_until(lambda: _job(lingering).done >= 1)

    with in_schema("acme"):
        jobs.request_cancel(_job(lingering), by=PersonFactory(), at=timezone.now())

    _wait_until(lambda: _job(lingering).state == JobState.CANCELLED)


@pytest.mark.slow
def test_ordered_company_is_made_by_a_real_worker(start_worker, mailbox, settings):
    order = companies.Order(
        name="Initech", schema="initech", host="initech.localhost", time_zone="UTC", owner_email="bill@initech.example"
    )
    start_worker(EMAIL_URL=f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}")
    with in_schema("platform"):
        job = companies.order_company(order, by=PersonFactory(roles=[Role.OPERATOR]), at=timezone.now())

    _wait_until(lambda: mailbox.mails)

    assert "http://initech.localhost:8000/accounts/join/" in mailbox.only_text()
    with in_schema("platform"):
        assert Job.objects.get(pk=job.pk).state == JobState.DONE


@pytest.mark.usefixtures("in_acme")
def test_worker_leaves_the_jobs_of_a_suspended_company(acme, now, settings):
    settings.JOBS = {"count": "tests.accounts.domain.test_job_runs.stumble"}
    job = JobFactory()
    with in_public():
        Company.objects.filter(pk=acme.pk).update(state="suspended", suspended_at=now, suspended_by=job.pk)

    with in_public():
        kicks.run("accounts.tasks.run_job", "acme", str(job.pk))

    assert Job.objects.get(pk=job.pk).state == JobState.QUEUED


@pytest.mark.usefixtures("db")
def test_starting_keeps_one_schedule_alone():
    Schedule.objects.create(name="stray", func="math.sqrt")

    keep_one_tick()
    keep_one_tick()

    assert list(Schedule.objects.values_list("func", "minutes")) == [("config.tick.tick", 1)]
