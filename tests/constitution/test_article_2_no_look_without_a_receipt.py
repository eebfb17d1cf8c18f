"""Article 2: rows about people leave only under a use that was committed before, and what was looked at stays on record."""

import uuid

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.models import RoleHeld
from accounts.states import Role
from accounts.tenants.context import beside, in_schema
from accounts.tenants.privileges import gated_tables
from consent.audit.models import Entry
from consent.domain.choices import Wish, leave, take_part
from consent.domain.data_uses import ReaderRefused, data_use, own_view
from consent.models import DataUse, DataUsePerson, OpenGrant
from consent.states import PurposeKey
from scoring.models import WeekCount
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

MONDAY = "2026-11-16"
NO_USE = "no data use is bound"


@pytest.fixture
def ada(schema, now):
    """Takes part, and one number is kept of her."""
    return _participant(now)


def _participant(now):
    person = PersonFactory()
    wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(SourceFactory().pk,), is_of_age=True)
    take_part(person, wish=wish, at=now)
    grant = OpenGrant.objects.get(person=person)
    everyones(WeekCount).create(person=person, grant=grant, kind=1, week=MONDAY, colleagues=3)
    return person


@pytest.mark.parametrize(
    "look",
    [
        "SELECT * FROM scoring_weekcount",
        "SELECT count(*) FROM scoring_weekcount WHERE colleagues < 0",
        "SELECT 1 FROM accounts_person p JOIN scoring_weekcount c ON c.person_id = p.id",
        "COPY (SELECT * FROM scoring_weekcount) TO STDOUT",
        "COPY scoring_weekcount TO STDOUT",
        "BEGIN; DECLARE c CURSOR FOR SELECT * FROM scoring_weekcount; FETCH ALL FROM c",
        "CREATE TEMP VIEW v AS SELECT * FROM scoring_weekcount; SELECT * FROM v",
        "SET row_security = off; SELECT * FROM scoring_weekcount",
        "SET row_security = on; TABLE scoring_weekcount",
        "DELETE FROM scoring_pause",
        "UPDATE scoring_pause SET ended_on = now()",
        "CREATE FUNCTION pg_temp.f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM scoring_weekcount';"
        " SELECT pg_temp.f()",
        "DO $$ BEGIN PERFORM * FROM scoring_weekcount; END $$",
        "EXPLAIN ANALYZE SELECT * FROM scoring_weekcount",
    ],
)
def test_look_without_a_use_is_an_error(ada, app_connection, schema, look):
    with pytest.raises(Exception, match=f"{NO_USE}|permission denied|row-level security"):
        app_connection(schema).execute(look)


@pytest.mark.parametrize("table", gated_tables())
def test_every_gated_table_raises(schema, run_sql, table):
    with pytest.raises(ProgrammingError, match=NO_USE):
        run_sql(f"SELECT * FROM {table}")


@pytest.mark.parametrize(
    "attack",
    [
        "SET ROLE {database}_engine",
        "SET SESSION AUTHORIZATION {database}_engine",
        "ALTER TABLE scoring_weekcount DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE scoring_weekcount NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY gate ON scoring_weekcount",
        "CREATE POLICY mine ON scoring_weekcount USING (true)",
        "CREATE OR REPLACE FUNCTION gate_people(text) RETURNS uuid[] LANGUAGE sql AS 'SELECT ARRAY[]::uuid[]'",
        "ALTER FUNCTION gate_people(text) SECURITY INVOKER",
        "INSERT INTO consent_datause (id) VALUES (gen_random_uuid())",
        "UPDATE consent_datause SET opened_at = now()",
        "DELETE FROM consent_datause",
        "SELECT readable FROM consent_datause",
        "SELECT reading_xid FROM consent_datause",
        "INSERT INTO consent_datauseperson (person_id) VALUES (gen_random_uuid())",
        "DELETE FROM consent_datauseperson",
        "UPDATE consent_purposeversion SET readers = '{{machine}}'",
    ],
)
def test_app_role_cannot_unhinge_the_gate(ada, app_connection, schema, attack):
    link = app_connection(schema)
    with pytest.raises(Exception, match=f"permission denied|must be owner|cannot set|{NO_USE}"):
        link.execute(attack.format(database=link.info.dbname))


def test_use_shows_the_rows_of_its_people_and_of_nobody_else(ada, now):
    other = _participant(now)
    with own_view(ada, reason="Looking", at=now):
        assert [count.person_id for count in WeekCount.objects.all()] == [ada.pk]
    assert everyones(WeekCount).filter(person=other).exists()


def test_use_ends_with_its_transaction(ada, now):
    with own_view(ada, reason="Looking", at=now):
        pass
    with pytest.raises(ProgrammingError, match=NO_USE):
        WeekCount.objects.count()


def test_receipt_stays_when_the_reader_rolls_back(ada, now):
    with transaction.atomic():
        with transaction.atomic(), own_view(ada, reason="Peeking", at=now):
            assert WeekCount.objects.count() == 1
            transaction.set_rollback(True)
        transaction.set_rollback(True)
    assert DataUse.objects.filter(by=ada.pk, reason="Peeking").count() == 1
    assert Entry.objects.filter(event="consent.data_used", about=ada.pk).exists()


def test_receipt_stays_when_the_connection_dies(ada, app_connection, schema, now):
    reader, receipts = app_connection(schema), app_connection(schema)
    assert _open_by_hand(reader, receipts, ada)
    assert reader.execute("SELECT count(*) FROM scoring_weekcount").fetchone() == (1,)
    reader.close()
    assert DataUse.objects.filter(by=ada.pk, reason="By hand").exists()


def _open_by_hand(reader, receipts, person, *, commit=True, purpose="own_view"):
    (xid,) = reader.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    statement = "SELECT use_id FROM gate_open(%s, %s, %s, 'By hand', %s, now())"
    use = receipts.execute(statement, [purpose, person.pk, [person.pk], xid]).fetchone()
    if commit:
        receipts.commit()
    return use


def test_use_that_is_not_committed_opens_nothing(ada, app_connection, schema):
    reader, receipts = app_connection(schema), app_connection(schema)
    _open_by_hand(reader, receipts, ada, commit=False)
    with pytest.raises(Exception, match=NO_USE):
        reader.execute("SELECT count(*) FROM scoring_weekcount")


def test_use_opened_in_the_readers_own_transaction_is_refused(ada, app_connection, schema):
    reader = app_connection(schema)
    with pytest.raises(Exception, match="by one transaction for another"):
        _open_by_hand(reader, reader, ada)


def test_use_of_another_transaction_opens_nothing(ada, app_connection, schema):
    reader, receipts, thief = (app_connection(schema) for _ in range(3))
    _open_by_hand(reader, receipts, ada)
    with pytest.raises(Exception, match=NO_USE):
        thief.execute("SELECT count(*) FROM scoring_weekcount")


@pytest.mark.parametrize("xid", ["1", "9223372036854775807", "-5"])
def test_forged_number_of_a_transaction_is_refused(ada, app_connection, schema, xid):
    statement = f"SELECT * FROM gate_open('own_view', %s, %s, 'Forged', {xid}, now())"
    with pytest.raises(Exception, match="by one transaction for another|in the future|invalid|out of range"):
        app_connection(schema).execute(statement, [ada.pk, [ada.pk]])


def test_receipt_from_before_a_restore_opens_nothing(ada, app_connection, owner_connection, schema, now):
    """A restored database counts its transactions anew: an old receipt may name the number of a new one."""
    with own_view(ada, reason="Before", at=now):
        pass
    reader = app_connection(schema)
    (xid,) = reader.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    owner_connection.execute(f'SET ROLE "{owner_connection.info.dbname}_engine"')
    owner_connection.execute(
        f"UPDATE {schema}.consent_datause SET reading_xid = %s, opened_at = now() - interval '1 day'", [xid]
    )
    with pytest.raises(Exception, match=NO_USE):
        reader.execute("SELECT count(*) FROM scoring_weekcount")


def test_nobody_sees_another_by_saying_own_view(ada, schema, now):
    eve = PersonFactory()
    with (
        pytest.raises(ReaderRefused),
        data_use(PurposeKey.OWN_VIEW, by=eve, about=[ada.pk], reason="Curious", at=now),
    ):
        pass
    use = DataUse.objects.get(by=eve.pk)
    assert (use.reason, use.reader_may) == ("Curious", False)


def test_refused_attempt_opens_no_row_even_for_who_ignores_the_refusal(ada, app_connection, schema):
    eve = PersonFactory()
    reader, receipts = app_connection(schema), app_connection(schema)
    (xid,) = reader.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    receipts.execute("SELECT * FROM gate_open('own_view', %s, %s, 'Curious', %s, now())", [eve.pk, [ada.pk], xid])
    receipts.commit()
    assert reader.execute("SELECT count(*) FROM scoring_weekcount").fetchone() == (0,)


def test_reader_needs_the_role_now(ada, schema, now):
    officer = PersonFactory()
    held = RoleHeld.objects.create(person=officer, role=Role.OFFICER, given_at=now)
    with data_use(PurposeKey.COMPLIANCE_REVIEW, by=officer, about=[ada.pk], reason="Complaint 7", at=now):
        assert WeekCount.objects.count() == 1
    held.delete()
    with (
        pytest.raises(ReaderRefused),
        data_use(PurposeKey.COMPLIANCE_REVIEW, by=officer, about=[ada.pk], reason="Again", at=now),
    ):
        pass


def test_use_without_the_persons_yes_shows_nothing_and_counts_as_refused(ada, schema, now):
    leaver = _participant(now)
    leave(leaver, at=now.replace(hour=13))
    with data_use(PurposeKey.SCORING, by=None, about=[ada.pk, leaver.pk], reason="Run", at=now) as use:
        assert (use.asked, use.allowed) == (2, 1)
    with own_view(leaver, reason="Who looked?", at=now):
        seen = DataUsePerson.objects.filter(use__reason="Run").values_list("is_allowed", flat=True)
        assert list(seen) == [False]


def test_purpose_sees_only_its_own_tables(ada, schema, now):
    officer = PersonFactory(roles=[Role.OFFICER])
    with data_use(PurposeKey.COMPLIANCE_REVIEW, by=officer, about=[ada.pk], reason="A complaint", at=now):
        assert WeekCount.objects.count() == 1
        with pytest.raises(ProgrammingError, match=NO_USE), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM scoring_pause")


def test_use_for_everyone_lets_no_row_out(ada, app_connection, schema, now):
    with data_use(PurposeKey.SCORING, by=None, about=None, reason="Run", at=now) as use:
        assert use.allowed >= 1
        with pytest.raises(ProgrammingError, match=NO_USE), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM scoring_weekcount")


@pytest.mark.parametrize(
    "call",
    [
        "SELECT scoring_run(1, '2026-11-09', 1, NULL)",
        "SELECT scoring_apply_counts(gen_random_uuid(), '{}', '{}', '{}', '{}', '{}')",
        "SELECT gate_use('scoring')",
    ],
)
def test_engine_function_without_a_use_is_an_error(schema, run_sql, call):
    with pytest.raises(ProgrammingError, match="no data use for the purpose"):
        run_sql(call)


def test_use_in_one_company_opens_nothing_in_another(ada, schema, now):
    other = "globex" if schema != "globex" else "acme"
    with (
        own_view(ada, reason="Here", at=now),
        in_schema(other),
        pytest.raises(ProgrammingError, match=NO_USE),
        transaction.atomic(),
    ):
        WeekCount.objects.count()


def test_new_wording_needs_a_new_yes(ada, owner_connection, schema, now):
    """Nobody has granted the new version, so its uses find nobody: no code of ours decides that."""
    version = scoring_wording()
    owner_connection.execute(f"UPDATE {schema}.consent_purposeversion SET is_current = false WHERE id = {version.pk}")
    try:
        owner_connection.execute(
            f"INSERT INTO {schema}.consent_purposeversion (purpose, version, title, text, legal_basis, assessment,"
            " needs_grant, readers, tables, works_on, minimum_age, keeps_for, is_current, in_force_at)"
            f" SELECT purpose, 2, title, text, legal_basis, assessment, needs_grant, readers, tables, works_on, minimum_age,"
            f" keeps_for, true, in_force_at FROM {schema}.consent_purposeversion WHERE id = {version.pk}"
        )
        with data_use(PurposeKey.SCORING, by=None, about=[ada.pk], reason="Run", at=now) as use:
            assert (use.asked, use.allowed) == (1, 0)
    finally:
        owner_connection.execute(f"SET search_path = {schema}")
        owner_connection.execute("TRUNCATE consent_datause CASCADE")
        owner_connection.execute("DELETE FROM consent_purposeversion WHERE purpose = 'scoring' AND version = 2")
        owner_connection.execute("UPDATE consent_purposeversion SET is_current = true WHERE purpose = 'scoring'")


def test_owner_is_held_by_the_gate_too(ada, owner_connection, schema):
    with pytest.raises(Exception, match=NO_USE):
        owner_connection.execute(f"SELECT * FROM {schema}.scoring_weekcount")


def test_unknown_use_names_no_one(schema, now):
    """Asking for somebody who does not exist is answered like asking for somebody who said no."""
    with data_use(PurposeKey.SCORING, by=None, about=[uuid.uuid4()], reason="Run", at=now) as use:
        assert (use.asked, use.allowed) == (1, 0)


def test_receipts_are_written_beside_the_reader(schema):
    assert beside("receipts").schema_name == schema
