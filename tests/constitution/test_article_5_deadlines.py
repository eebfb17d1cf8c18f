"""Article 5: a missed deadline stops the machine, and the app can move no deadline."""

import psycopg
import pytest
from django.db import Error
from django.utils import timezone

from accounts.states import Role
from consent.domain.obligations import DeadlineMissed, extend, open_obligation
from consent.models import Obligation
from consent.states import ObligationKind
from scoring.domain.runs import run_scores
from tests.factories.accounts import PersonFactory


@pytest.fixture
def erasure(schema):
    person = PersonFactory()
    return open_obligation(ObligationKind.ERASURE, person=person.pk, by=person, at=timezone.now())


@pytest.fixture
def overdue(erasure, owner_connection, schema):
    """As time would have it: the app cannot do this."""
    owner_connection.execute(
        f"UPDATE \"{schema}\".consent_obligation SET opened_at = now() - interval '9 days',"
        " promised_at = now() - interval '1 minute', due_at = now() - interval '1 minute' WHERE id = %s",
        [erasure.pk],
    )
    return erasure


@pytest.mark.parametrize("column", ["due_at", "promised_at", "soon_at", "opened_at", "overdue_at", "kind", "person"])
def test_app_cannot_move_a_deadline(erasure, run_sql, column):
    with pytest.raises(Error, match="permission denied"):
        run_sql(f"UPDATE consent_obligation SET {column} = NULL")


@pytest.mark.parametrize("statement", ["DELETE FROM consent_obligation", "UPDATE consent_deadlinepolicy SET days = 99"])
def test_app_cannot_remove_what_is_promised(erasure, run_sql, statement):
    with pytest.raises(Error, match="permission denied"):
        run_sql(statement)


def test_app_cannot_call_an_erasure_done_that_nothing_shows(erasure, run_sql):
    with pytest.raises(Error, match="nothing shows"):
        run_sql("UPDATE consent_obligation SET done_at = now(), outcome = 'complete'")


def test_deadline_the_app_asks_for_is_not_listened_to(schema, run_sql):
    run_sql(
        "INSERT INTO consent_obligation (id, kind, reference, due_at) VALUES"
        " (gen_random_uuid(), 'erasure', 'D-TEST', now() + interval '9 years')"
    )
    obligation = Obligation.objects.get(reference="D-TEST")
    assert (obligation.due_at - obligation.opened_at).days in {3, 4}


def test_extension_off_the_record_is_refused(erasure, run_sql):
    officer = PersonFactory(roles=[Role.OFFICER])
    with pytest.raises(Error, match="not moved"):
        run_sql(
            "INSERT INTO consent_extension (obligation_id, reason, extended_by) VALUES (%s, 'x', %s)",
            erasure.pk,
            officer.pk,
        )


def test_extension_moves_the_deadline_once(erasure):
    officer = PersonFactory(roles=[Role.OFFICER])
    extended = extend(erasure, reason="A second mail server.", by=officer, at=timezone.now())
    assert (extended.due_at - erasure.due_at).days in {26, 27}


def test_nothing_is_scored_while_an_erasure_is_overdue(overdue):
    with pytest.raises(DeadlineMissed):
        run_scores(by=None, at=timezone.now())


def test_nothing_is_scored_by_raw_sql_either(overdue, app_connection, schema):
    with app_connection(schema) as link, pytest.raises(psycopg.Error, match="a deadline was missed"):
        link.execute(
            "INSERT INTO scoring_run (model_id, scope, week, started_at, finished_at, people)"
            " SELECT id, 'full', '2026-11-16', now(), now(), 1 FROM scoring_modelversion WHERE is_current"
        )
