"""A deadline is missed: the machine stops everywhere, says why to whom it concerns, and goes on by itself once it is met."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.domain import job_runs
from accounts.models import Job
from accounts.states import Role
from consent.audit.models import Entry
from consent.domain.choices import monday_of
from consent.domain.erasing import request_erasure
from consent.models import Obligation, OpenGrant
from consent.tasks import record_missed_deadlines
from scoring.domain.runs import run_scores
from scoring.models import Run, WeekCount
from scoring.tasks import nightly
from tests.browsing import client_for, plain  # noqa: F401
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory

CALM = "Nothing new is worked out at the moment"


@pytest.fixture
def cast(alice, bob):
    """Alice has a score; Bob has asked to be erased, and nobody has done it in time."""
    week = monday_of(timezone.now()) - timedelta(weeks=1)
    grant = OpenGrant.objects.get(person=alice)
    everyones(WeekCount).create(person=alice, grant=grant, kind=1, week=week, colleagues=40)
    run_scores(by=None, at=timezone.now() - timedelta(days=3))
    request_erasure(bob, by=bob, at=timezone.now())
    return {
        "steward": PersonFactory(name="Stan Stein", roles=[Role.STEWARD]),
        "officer": PersonFactory(name="Ottilie Olsen", email="ottilie@acme.example", roles=[Role.OFFICER]),
    }


def runs_by_raw_sql():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scoring_run (model_id, scope, week, started_at, finished_at, people)"
            " SELECT id, 'full', '2026-11-16', now(), now(), 1 FROM scoring_modelversion WHERE is_current"
        )


def night_falls() -> bool:
    """Whether the tick has scores worked out."""
    nightly(at=timezone.now())
    return Job.objects.filter(kind="run_scores").exists()


def test_machine_stops_where_a_deadline_is_missed_and_goes_on_when_it_is_met(
    client_for, cast, alice, bob, owner_connection, mailoutbox  # noqa: F811
):  # fmt: skip
    steward, officer, employee = (client_for(person) for person in (cast["steward"], cast["officer"], alice))
    owed = Obligation.objects.get()
    owner_connection.execute(
        "UPDATE acme.consent_obligation SET opened_at = now() - interval '9 days', soon_at = now() - interval '2 days',"
        " promised_at = now() - interval '1 day', due_at = now() - interval '1 day'"
    )

    # The tick puts it on record and wakes the officers; nobody is named.
    mailoutbox.clear()
    record_missed_deadlines(at=timezone.now())
    (mail,) = mailoutbox
    assert (mail.to, owed.reference in mail.body, "Bob" in mail.body) == (["ottilie@acme.example"], True, False)
    assert Entry.objects.filter(event="consent.deadline_missed", about=bob.pk).count() == 1

    # Nothing runs: not on a page, not by night, not by raw SQL.
    refusal = steward.post("/manage/runs/recompute/")
    assert (refusal.status_code, owed.reference in plain(refusal)) == (503, True)
    assert owed.reference in plain(steward.get("/manage/runs/"))
    assert not night_falls()
    with pytest.raises(OperationalError, match="a deadline was missed"):
        runs_by_raw_sql()
    assert Run.objects.count() == 1

    # Each is told what concerns them, and no more.
    for address in ("/me/", "/me/score/"):
        page = plain(employee.get(address))
        assert (CALM in page, owed.reference in page, "Bob" in page) == (True, False, False)
    board = plain(officer.get("/compliance/"))
    assert ("A deadline was missed, so nothing runs" in board, "1 day late" in board) == (True, True)

    # The worker erases; late is late, but everything goes on by itself.
    job_runs.run(Job.objects.get(kind="erase_people").pk, clock=timezone.now)
    owed.refresh_from_db()
    assert (owed.outcome, owed.overdue_at is not None) == ("complete", True)
    assert night_falls()
    job_runs.run(Job.objects.get(kind="run_scores").pk, clock=timezone.now)
    assert Run.objects.count() == 2
    assert CALM not in plain(employee.get("/me/score/"))
    assert "late" in plain(officer.get("/compliance/?show=done"))
    assert "A deadline was missed" not in plain(officer.get("/compliance/"))
