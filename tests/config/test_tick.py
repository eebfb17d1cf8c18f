"""Once a minute: a heartbeat, and a look into every open company."""

import pytest
from django_q.models import OrmQ

from accounts.tenants.context import current_schema, in_public, in_schema
from accounts.tenants.models import Company, Heartbeat
from config.tick import tick
from tests.factories.accounts import JobFactory

VISITED = []


def visit(*, at):
    VISITED.append(current_schema())


def stumble(*, at):
    raise ValueError("alice@acme.example")


@pytest.fixture(autouse=True)
def _ticks(settings, db):
    VISITED.clear()
    settings.TICKS, settings.TICKS_EVERYWHERE = [f"{__name__}.stumble", f"{__name__}.visit"], []


def test_worker_says_that_it_lives():
    tick()

    with in_public():
        assert Heartbeat.objects.values_list("name", flat=True).get() == "worker"


def test_every_company_is_visited_and_the_platform_is_not():
    tick()

    assert VISITED == ["acme", "globex"]


def test_what_is_for_everywhere_is_done_on_the_platform_too(settings):
    settings.TICKS, settings.TICKS_EVERYWHERE = [], [f"{__name__}.visit"]

    tick()

    assert sorted(VISITED) == ["acme", "globex", "platform"]


def test_suspended_company_is_not_visited(acme, now):
    with in_public():
        Company.objects.filter(pk=acme.pk).update(state="suspended", suspended_at=now, suspended_by=_somebody())

    tick()

    assert VISITED == ["globex"]


def test_failure_is_logged_without_what_people_wrote(caplog):
    tick()

    assert f"{__name__}.stumble failed in acme: ValueError" in caplog.text
    assert "alice" not in caplog.text


@pytest.mark.parametrize("schema", ["acme", "platform"])
def test_due_jobs_are_asked_for_everywhere(schema, now):
    with in_schema(schema):
        job = JobFactory(created_at=now)

    tick()

    with in_public():
        kick = OrmQ.objects.get().task
    assert kick["args"] == ("accounts.tasks.run_job", schema, str(job.pk))


def test_tick_ends_where_it_began():
    tick()

    assert current_schema() == "public"


def _somebody():
    return "00000000-0000-0000-0000-000000000001"
