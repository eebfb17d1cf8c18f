"""Article 1: a row about a person exists only under that person's own open grant, and no row knows two people."""

import threading

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from accounts.tenants.context import in_schema
from consent.domain.choices import Wish, leave, take_part, withdraw
from consent.models import Choice, OpenGrant, Participation
from scoring.models import Score, WeekCount
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

MONDAY = "2026-11-16"


@pytest.fixture
def granted(schema, now):
    person = PersonFactory()
    wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(SourceFactory().pk,), is_of_age=True)
    take_part(person, wish=wish, at=now.replace(hour=1))
    return person


def grant_of(person) -> OpenGrant:
    return OpenGrant.objects.get(person=person)


def add_count(engine_sql, person_id, grant_id, colleagues=3):
    return engine_sql(
        "INSERT INTO scoring_weekcount (person_id, grant_id, kind, week, colleagues) VALUES (%s, %s, 1, %s, %s)",
        person_id,
        grant_id,
        MONDAY,
        colleagues,
    )


def add_score(engine_sql, person_id, participation_id, now):
    engine_sql(
        "INSERT INTO scoring_run (model_id, scope, week, started_at, finished_at, people)"
        " SELECT id, 'full', %s, %s, %s, 1 FROM scoring_modelversion WHERE is_current",
        MONDAY,
        now,
        now,
    )
    engine_sql(
        "INSERT INTO scoring_score (run_id, person_id, participation_id, value, kinds, points, colleagues)"
        " SELECT max(id), %s, %s, 500, '{1}', '{500}', '{2000000}' FROM scoring_run",
        person_id,
        participation_id,
    )


@pytest.mark.parametrize("table", ["scoring_weekcount", "scoring_score"])
@pytest.mark.parametrize("verb", ["INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "UPDATE {} SET person_id = NULL"])
def test_app_role_writes_no_counts_and_no_scores(granted, run_sql, verb, table):
    """Only the engine's functions do, for those whom a receipt names."""
    with pytest.raises(ProgrammingError, match="permission denied|no data use"):
        run_sql(verb.format(table))


def test_count_under_an_open_grant_is_stored(granted, engine_sql):
    add_count(engine_sql, granted.pk, grant_of(granted).pk)
    assert everyones(WeekCount).get(person=granted).colleagues == 3


def test_count_without_a_grant_is_refused(schema, engine_sql):
    with pytest.raises(IntegrityError, match="week_count_under_open_grant"):
        add_count(engine_sql, PersonFactory().pk, 1)


def test_count_under_somebody_elses_grant_is_refused(granted, engine_sql):
    with pytest.raises(IntegrityError, match="week_count_under_open_grant"):
        add_count(engine_sql, PersonFactory().pk, grant_of(granted).pk)


def test_count_under_a_withdrawn_grant_is_refused(granted, engine_sql, now):
    grant = grant_of(granted)
    leave(granted, at=now)
    with pytest.raises(IntegrityError, match="week_count_under_open_grant"):
        add_count(engine_sql, granted.pk, grant.pk)


def test_score_without_participation_is_refused(schema, engine_sql, now):
    with pytest.raises(IntegrityError, match="score_under_participation"):
        add_score(engine_sql, PersonFactory().pk, 1, now)


def test_score_under_somebody_elses_participation_is_refused(granted, engine_sql, now):
    with pytest.raises(IntegrityError, match="score_under_participation"):
        add_score(engine_sql, PersonFactory().pk, Participation.objects.get(person=granted).pk, now)


@pytest.mark.parametrize(
    "attack",
    [
        "INSERT INTO consent_opengrant (grant_id, person_id, purpose, purpose_version_id, source_id, counts_from)"
        " SELECT g.id, g.person_id, 'perks', g.purpose_version_id, g.source_id, g.counts_from FROM consent_grant g",
        "INSERT INTO consent_participation (person_id, purpose, since) SELECT id, 'scoring', now() FROM accounts_person",
        "UPDATE consent_opengrant SET counts_from = '2000-01-03'",
        "UPDATE consent_grant SET counts_from = '2000-01-03'",
        "DELETE FROM consent_grant",
        "DELETE FROM consent_withdrawal",
        "UPDATE consent_purposeversion SET text = 'anything'",
        "UPDATE scoring_weekcount SET person_id = gen_random_uuid()",
        "ALTER TABLE scoring_weekcount DROP CONSTRAINT week_count_under_open_grant",
        "ALTER TABLE consent_withdrawal DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TRIGGER consent_withdrawal_closes ON consent_withdrawal",
        "CREATE OR REPLACE FUNCTION consent_withdrawal_closes() RETURNS trigger LANGUAGE sql AS ''",
    ],
)
def test_app_role_cannot_rewrite_consent(granted, run_sql, attack):
    with pytest.raises(ProgrammingError, match="permission denied|must be owner|no data use"):
        run_sql(attack)


def test_second_open_grant_for_the_same_is_refused(granted, run_sql):
    with pytest.raises(IntegrityError, match="open_grant_once"):
        run_sql(
            "INSERT INTO consent_grant (person_id, purpose_version_id, source_id, choice_id, counts_from, granted_at)"
            " SELECT person_id, purpose_version_id, source_id, choice_id, counts_from, granted_at FROM consent_grant"
            " WHERE person_id = %s",
            granted.pk,
        )


def test_grant_for_an_old_wording_is_refused(db, app_connection, owner_connection, now):
    """A new wording is the owner's work; a yes to the old one no longer opens anything."""
    with in_schema("acme"), transaction.atomic():
        person, source, wording = PersonFactory(), SourceFactory(), scoring_wording()
        choice = Choice.objects.create(person=person, kind="take_part", reference="A-TEST", made_at=now)
    owner_connection.execute("UPDATE acme.consent_purposeversion SET is_current = false WHERE id = %s", [wording.pk])
    try:
        with pytest.raises(psycopg.errors.CheckViolation, match="no longer current"):
            app_connection("acme").execute(
                "INSERT INTO consent_grant (person_id, purpose_version_id, source_id, choice_id, counts_from, granted_at)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [person.pk, wording.pk, source.pk, choice.pk, MONDAY, now],
            )
    finally:
        owner_connection.execute("UPDATE acme.consent_purposeversion SET is_current = true WHERE id = %s", [wording.pk])


def test_grant_at_the_instant_of_the_withdrawal_stays_withdrawn(granted, run_sql, now):
    leave(granted, at=now)
    with pytest.raises(IntegrityError, match="withdrawn at the same instant"):
        run_sql(
            "INSERT INTO consent_grant (person_id, purpose_version_id, source_id, choice_id, counts_from, granted_at)"
            " SELECT person_id, purpose_version_id, source_id, choice_id, counts_from, %s FROM consent_grant WHERE person_id = %s",
            now,
            granted.pk,
        )


def test_withdrawal_deletes_counts_and_scores_in_its_own_transaction(granted, engine_sql, now):
    add_count(engine_sql, granted.pk, grant_of(granted).pk)
    add_score(engine_sql, granted.pk, Participation.objects.get(person=granted).pk, now)
    withdraw(granted, grants=[grant_of(granted).pk], at=now)
    assert not everyones(WeekCount).filter(person=granted).exists()
    assert not everyones(Score).filter(person=granted).exists()


def test_withdrawing_one_source_keeps_the_counts_of_the_other_but_no_score(granted, engine_sql, now):
    wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(SourceFactory().pk,), is_of_age=True)
    take_part(granted, wish=wish, at=now.replace(hour=2))
    first, second = OpenGrant.objects.filter(person=granted).order_by("pk")
    add_count(engine_sql, granted.pk, first.pk)
    add_count(engine_sql, granted.pk, second.pk)
    add_score(engine_sql, granted.pk, Participation.objects.get(person=granted).pk, now)
    withdraw(granted, grants=[first.pk], at=now)
    assert [count.grant_id for count in everyones(WeekCount).filter(person=granted)] == [second.pk]
    assert not everyones(Score).filter(person=granted).exists()
    assert Participation.objects.filter(person=granted).exists()


def test_leaving_changes_nobody_elses_rows(granted, engine_sql, now):
    other = PersonFactory()
    wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(SourceFactory().pk,), is_of_age=True)
    take_part(other, wish=wish, at=now.replace(hour=2))
    add_count(engine_sql, other.pk, grant_of(other).pk, 7)
    leave(granted, at=now)
    assert everyones(WeekCount).get(person=other).colleagues == 7


PERSON_TABLES = ("scoring_weekcount", "scoring_exclusion", "scoring_score", "scoring_stalescore", "scoring_pause")


@pytest.mark.parametrize("table", PERSON_TABLES)
def test_no_engagement_table_can_refer_to_two_people(schema, run_sql, table):
    """One uuid column, the person's own; no text, JSON or bytes in which a second could hide."""
    columns = dict(
        run_sql(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s",
            schema,
            table,
        ),
    )
    assert [name for name, kind in columns.items() if kind == "uuid"] == ["person_id"]
    assert set(columns.values()) <= {
        "uuid",
        "bigint",
        "integer",
        "smallint",
        "date",
        "timestamp with time zone",
        "ARRAY",
    }


@pytest.mark.slow
@pytest.mark.parametrize("counts_first", [True, False])
def test_count_that_races_a_withdrawal_does_not_survive_it(db, app_connection, engine_link, now, counts_first):
    """Two real connections: whoever commits first, after both nothing is left."""
    with in_schema("acme"), transaction.atomic():
        person = PersonFactory()
        wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(SourceFactory().pk,), is_of_age=True)
        choice = take_part(person, wish=wish, at=now.replace(hour=1))
        grant = grant_of(person)
    importer, leaver = engine_link("acme"), app_connection("acme")
    insert = (
        "INSERT INTO scoring_weekcount (person_id, grant_id, kind, week, colleagues) VALUES (%s, %s, 1, %s, 1)",
        [person.pk, grant.pk, MONDAY],
    )
    end = (
        "INSERT INTO consent_withdrawal (grant_id, choice_id, withdrawn_at) VALUES (%s, %s, %s)",
        [grant.pk, choice.pk, now],
    )
    first, second = ((importer, insert), (leaver, end)) if counts_first else ((leaver, end), (importer, insert))
    first[0].execute(*first[1])
    waiting = threading.Thread(target=_try, args=(second[0], *second[1]))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    first[0].commit()
    waiting.join(5)
    with in_schema("acme"):
        assert not everyones(WeekCount).filter(person=person).exists()
        assert not OpenGrant.objects.filter(person=person).exists()


def _try(link, sql, values):
    try:
        link.execute(sql, values)
        link.commit()
    except psycopg.errors.ForeignKeyViolation:
        link.rollback()
