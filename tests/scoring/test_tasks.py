"""The nightly run: once a night, in the company's own time, by the worker."""

from datetime import UTC, datetime

import pytest

from accounts.domain import job_runs
from accounts.models import Job
from accounts.tenants.context import in_public
from accounts.tenants.models import Company
from scoring.models import Run
from scoring.tasks import nightly


@pytest.fixture
def in_berlin(in_acme, owner_connection):
    in_acme.time_zone = "Europe/Berlin"
    owner_connection.execute("UPDATE tenants_company SET time_zone = 'Europe/Berlin' WHERE schema_name = 'acme'")
    yield
    owner_connection.execute("UPDATE tenants_company SET time_zone = 'UTC' WHERE schema_name = 'acme'")


def at(hour, minute=0, day=18):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_night_begins_at_two_in_the_companys_own_time(in_berlin):
    with in_public():
        assert Company.objects.get(schema_name="acme").time_zone == "Europe/Berlin"
    nightly(at=at(0, 30))
    nightly(at=at(0, 59))
    assert Job.objects.count() == 1
    nightly(at=at(1, 1))
    assert Job.objects.count() == 2


def test_night_is_not_begun_twice(in_acme):
    nightly(at=at(2))
    nightly(at=at(23))
    assert Job.objects.count() == 1


def test_nightly_job_makes_a_run(in_acme, now):
    nightly(at=at(2))
    job_runs.run(Job.objects.get().pk, clock=lambda: now)
    assert (Job.objects.get().state, Run.objects.count()) == ("done", 1)
