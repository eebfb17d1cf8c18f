"""Article 5: while a deadline is missed nothing is scored, by the database's clock and never by the app host's."""

from datetime import timedelta

import psycopg
import pytest
from django.db import Error
from django.utils import timezone

from consent.domain.deadlines import record_missed
from consent.domain.obligations import DeadlineMissed, NotExtended, extend, fulfil, stands_still
from consent.models import Extension, Obligation
from consent.states import ObligationKind, Outcome
from scoring.domain.runs import run_scores
from scoring.models import Run
from tests.factories.consent import promised

BEGIN_RUN = (
    "INSERT INTO scoring_run (model_id, scope, week, started_at, finished_at, people)"
    " SELECT id, 'full', '2026-11-16', now(), now(), 1 FROM scoring_modelversion WHERE is_current"
)


def test_nothing_is_scored_while_an_erasure_is_overdue(overdue):
    with pytest.raises(DeadlineMissed):
        run_scores(by=None, at=timezone.now())
    assert not Run.objects.exists()


def test_nothing_is_scored_by_raw_sql_either(overdue, app_connection, schema):
    with app_connection(schema) as link, pytest.raises(psycopg.Error, match="a deadline was missed"):
        link.execute(BEGIN_RUN)


def test_engine_writes_no_score_either(overdue, engine_sql):
    with pytest.raises(Error, match="a deadline was missed"):
        engine_sql("INSERT INTO scoring_score (run_id) SELECT 1 WHERE false")


def test_overdue_in_one_company_stops_no_other(overdue, app_connection, schema):
    other = "globex" if schema != "globex" else "acme"
    with app_connection(other) as link:
        link.execute(BEGIN_RUN)
        link.rollback()


@pytest.mark.parametrize("kind", [ObligationKind.ACCESS_REQUEST, ObligationKind.DISPUTE_ANSWER])
def test_other_kinds_are_late_without_stopping_anything(schema, let_pass, kind):
    let_pass(promised(kind))
    run_scores(by=None, at=timezone.now())
    assert Run.objects.count() == 1


def test_overdue_is_marked_once_by_whoever_asks(overdue, run_sql):
    assert run_sql("SELECT consent_mark_overdue()") == [(overdue.pk,)]
    assert run_sql("SELECT consent_mark_overdue()") == []
    assert not Extension.objects.exists()


# ── One clock ───────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=[-365, 365], ids=["a year behind", "a year ahead"])
def app_clock(request, monkeypatch):
    """Move the clock of the app's host. The database's goes on as before."""
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=request.param))


@pytest.fixture
def missed_before(overdue):
    return overdue


def standing_of(obligation) -> str:
    return Obligation.objects.with_standing().get(pk=obligation.pk).standing


def test_clock_of_the_app_sets_no_deadline(erasure, app_clock):
    later = promised(ObligationKind.ERASURE)
    assert (later.due_at, later.promised_at) == (erasure.due_at, erasure.promised_at)


def test_clock_of_the_app_makes_nothing_overdue(erasure, app_clock):
    record_missed(at=timezone.now())
    obligation = Obligation.objects.with_standing().get()
    assert (obligation.standing, obligation.overdue_at, obligation.left_in_words[:3]) == ("on_track", None, "in ")
    run_scores(by=None, at=timezone.now())
    assert Run.objects.count() == 1


def test_clock_of_the_app_does_not_let_a_missed_deadline_go(missed_before, app_clock):
    assert (standing_of(missed_before), stands_still()) == ("overdue", True)
    assert [missed.pk for missed in record_missed(at=timezone.now())] == [missed_before.pk]
    with pytest.raises(DeadlineMissed):
        run_scores(by=None, at=timezone.now())


def test_clock_of_the_app_decides_on_no_extension(erasure, officer, app_clock):
    extend(erasure, reason="Two systems.", by=officer, at=timezone.now())
    assert Extension.objects.count() == 1


def test_clock_of_the_app_extends_nothing_that_is_missed(missed_before, officer, app_clock):
    with pytest.raises(NotExtended):
        extend(missed_before, reason="Two systems.", by=officer, at=timezone.now())


def test_clock_of_the_app_says_not_when_it_was_done(schema, officer, let_pass, app_clock):
    late = let_pass(promised(ObligationKind.ACCESS_REQUEST))
    fulfil(late, Outcome.COMPLETE, by=officer, at=timezone.now())
    assert late.opened_at < late.due_at < late.done_at < late.due_at + timedelta(hours=1)
