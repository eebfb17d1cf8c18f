"""Drift watch: what moves too far is taken back as a whole, asked about once, and published only with a reason."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from accounts.domain import job_runs
from accounts.models import Job
from accounts.states import Role
from consent.audit.models import Entry
from consent.domain.choices import Wish, take_part
from consent.models import OpenGrant, Participation
from scoring.domain import drift
from scoring.domain.runs import last_full_week, run_scores
from scoring.models import ModelVersion, Run, Score, StaleScore, WeekCount
from scoring.states import RunScope
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

CROWD = 60


@pytest.fixture
def steward(in_acme):
    return PersonFactory(name="Stella Stone", roles=[Role.STEWARD])


@pytest.fixture
def source(in_acme):
    return SourceFactory(name="Team room")


@pytest.fixture
def crowd(source, now):
    """Sixty people with five weeks behind them, scored once."""
    people = [PersonFactory() for _ in range(CROWD)]
    for person in people:
        wish = Wish((scoring_wording().pk,), (source.pk,), 26, is_of_age=True)
        take_part(person, wish=wish, at=now - timedelta(hours=1))
    for weeks_ago in range(5):
        count(people, last_full_week(now) - timedelta(weeks=weeks_ago))
    run_scores(by=None, at=now)
    return people


def count(people, week, times=1):
    grants = dict(OpenGrant.objects.values_list("person", "grant"))
    counts = [
        WeekCount(person=p, grant_id=grants[p.pk], kind=kind, week=week, colleagues=times * (3 + place % 7))
        for place, p in enumerate(people)
        for kind in (1, 2)
    ]
    everyones(WeekCount).bulk_create(counts)
    stale(people)


def test_quiet_week_is_published_with_its_figures(crowd, now):
    count(crowd, last_full_week(now) + timedelta(weeks=1))
    run = run_scores(by=None, at=now + timedelta(weeks=1))
    assert (run.is_held, run.beyond, run.scope) == (False, [], RunScope.FULL)
    assert run.drift["stability"] < 0.25
    assert run.drift["without"] == [0, 0]
    assert [volume["ratio"] for volume in run.drift["volumes"]] == [1.0]
    assert everyones(Score).filter(run=run).count() == CROWD


@pytest.fixture
def held(crowd, steward, now):
    """The file of the newest week was not brought in."""
    stale(crowd)
    return run_scores(by=None, at=now + timedelta(weeks=1))


def test_week_without_its_file_is_held_back(held, crowd, steward, source):
    assert (held.is_held, held.beyond) == (True, ["volumes"])
    assert not everyones(Score).filter(run=held).exists()
    assert everyones(StaleScore).count() == CROWD
    assert list(drift.told(held))[-1] == ("“Team room” brought 0.00 times the mean of the four weeks before.")
    [asked] = mail.outbox
    assert (asked.to, "what a source brings" in asked.body) == ([steward.email], True)
    assert Entry.objects.filter(event="scoring.run_held_back").count() == 1


def test_it_is_tried_again_and_asked_about_once(held, now):
    again = run_scores(by=None, at=now + timedelta(weeks=1, days=1))
    assert (again.is_held, again.scope) == (True, RunScope.FULL)
    assert len(mail.outbox) == 1


def test_it_is_published_by_itself_once_the_file_came(held, crowd, now):
    count(crowd, last_full_week(now) + timedelta(weeks=1))
    run = run_scores(by=None, at=now + timedelta(weeks=1, days=1))
    assert (run.is_held, drift.held_back()) == (False, None)


def test_steward_lets_it_through_with_a_reason(held, steward, now):
    at = now + timedelta(weeks=1, hours=1)
    job = drift.let_through(held, reason="A holiday.", by=steward, at=at)
    job_runs.run(job.pk, clock=lambda: at)
    assert Job.objects.get(pk=job.pk).state == "done"
    run = Run.objects.latest("pk")
    assert (run.is_held, run.beyond, run.lets_through, run.reason) == (False, ["volumes"], held, "A holiday.")
    assert everyones(Score).filter(run=run).count() == CROWD
    with pytest.raises(drift.NotHeld):
        drift.let_through(held, reason="Again.", by=steward, at=at)


def test_broken_file_within_a_week_is_held_back_too(crowd, now):
    """It is the people whose counts changed who are compared, and they are fifty or more."""
    for place, count_ in enumerate(everyones(WeekCount).order_by("person")):
        everyones(WeekCount).filter(
            person=count_.person_id, grant=count_.grant_id, kind=count_.kind, week=count_.week
        ).update(colleagues=400 if place % 2 else 300)
    stale(crowd)
    run = run_scores(by=None, at=now + timedelta(hours=2))
    assert (run.scope, run.is_held, run.beyond) == (RunScope.CHANGED, True, ["stability"])


def test_losing_most_peoples_counts_is_held_back(crowd, now):
    everyones(WeekCount).filter(person__in=[p.pk for p in crowd[:40]]).delete()
    stale(crowd)
    run = run_scores(by=None, at=now + timedelta(hours=2))
    assert "without" in run.beyond
    assert run.drift["without"] == [0, 0.67]


def test_few_people_are_not_told_about(crowd, now):
    everyones(WeekCount).filter(person__in=[p.pk for p in crowd[:40]]).delete()
    stale(crowd[:40])
    run = run_scores(by=None, at=now + timedelta(hours=2))
    assert (run.is_held, run.drift) == (False, {"stability": None, "without": None, "volumes": []})


@pytest.mark.usefixtures("bounds_put_back")
def test_wider_bounds_let_more_pass(crowd, steward, now):
    values = {name: Decimal(value) for name, value in WIDE.items()}
    drift.set_bounds(values, reason="A small company.", by=steward, at=now)
    count(crowd[:10], last_full_week(now) + timedelta(weeks=1))
    run = run_scores(by=None, at=now + timedelta(weeks=1))
    assert run.is_held is False
    assert run.drift["volumes"][0]["ratio"] < 0.2


def stale(people):
    taking_part = Participation.objects.filter(purpose="scoring", person__in=[p.pk for p in people])
    marks = [StaleScore(person_id=row.person_id, participation=row) for row in taking_part]
    everyones(StaleScore).bulk_create(marks, ignore_conflicts=True)


WIDE = {"stability": "1", "without": "0.5", "volume_least": "0.01", "volume_most": "20"}


@pytest.mark.parametrize(
    ("field", "value"), [("stability", "1.1"), ("without", "0.6"), ("volume_least", "0"), ("volume_most", "21")]
)
def test_bounds_cannot_be_taken_away(steward, now, field, value):
    values = {name: Decimal(text) for name, text in (WIDE | {field: value}).items()}
    with pytest.raises(IntegrityError, match="drift_bounds_hold_something"):
        drift.set_bounds(values, reason="No bounds.", by=steward, at=now)


def test_let_through_needs_the_same_week_a_person_and_a_reason(held, crowd, steward, now):
    """As the app's own role might try it with SQL."""
    for fields in (
        {"lets_through": held, "reason": " ", "started_by": steward.pk},
        {"lets_through": held, "reason": "x", "started_by": None},
        {"lets_through": Run.objects.earliest("pk"), "reason": "x", "started_by": steward.pk},
    ):
        run = Run.objects.create(
            model=ModelVersion.objects.get(is_current=True), scope=RunScope.FULL, week=held.week, started_at=now,
            finished_at=now, people=0, **fields,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SELECT scoring_is_let_through(%s)", [run.pk])
            assert cursor.fetchone() == (False,)


def test_nobody_unholds_a_run(held):
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        Run.objects.filter(pk=held.pk).update(is_held=False)


def test_first_run_has_nothing_to_be_compared_with(source, now):
    people = [PersonFactory() for _ in range(12)]
    for person in people:
        take_part(person, wish=Wish((scoring_wording().pk,), (source.pk,), 26, is_of_age=True), at=now)
    count(people, last_full_week(now) - timedelta(weeks=2))
    run = run_scores(by=None, at=now)
    assert (run.is_held, run.drift) == (False, {"stability": None, "without": None, "volumes": []})
