"""Articles 2 and 3: while a witness remembers another ledger nobody reads about people, and only an officer ends that, on the record."""

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege, ObjectNotInPrerequisiteState

from accounts.models import RoleHeld
from accounts.states import Role
from consent.audit.domain.alarms import AlreadyResolved, resolve_alarm
from consent.audit.domain.recording import record
from consent.audit.events import RestoreResolved
from consent.audit.models import Alarm, Entry, Opening, Witness
from consent.domain.choices import leave
from consent.domain.data_uses import ReadingStopped, data_use, own_view
from consent.models import OpenGrant
from consent.states import PurposeKey
from scoring.domain.runs import run_scores
from scoring.models import WeekCount
from tests.constitution.test_article_2_no_look_without_a_receipt import _participant
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory

WHY = "The disk failed; we went back to last night’s backup."


@pytest.fixture
def ada(schema, now):
    return _participant(now)


@pytest.fixture
def officer(schema):
    return PersonFactory(roles=[Role.OPERATOR if schema == "platform" else Role.OFFICER])


@pytest.fixture
def alarm(schema, ada, officer, now):
    witness = Witness.objects.create(
        name="witness.example", vkey="v", token_digest=b"x", added_at=now, added_by=officer.pk
    )
    return Alarm.objects.create(witness=witness, note="It knows more.", size_there=7, size_here=3, raised_at=now)


def resolve(alarm, officer, now):
    resolve_alarm(alarm, by=officer, reason=WHY, at=now)


@pytest.mark.parametrize("purpose", sorted(set(PurposeKey) - {PurposeKey.ERASURE}))
def test_gate_opens_for_no_purpose_while_an_alarm_stands(alarm, ada, app_connection, schema, purpose):
    reader, receipts = app_connection(schema), app_connection(schema)
    xid = reader.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()[0]
    with pytest.raises(ObjectNotInPrerequisiteState, match="until an officer resolves it"):
        receipts.execute("SELECT * FROM gate_open(%s, %s, %s, 'By hand', %s, now())", [purpose, ada.pk, [ada.pk], xid])
    with pytest.raises(InsufficientPrivilege, match="no data use is bound"):
        reader.execute("SELECT * FROM scoring_weekcount")


def test_own_view_is_refused_with_a_sentence_and_since_when(alarm, ada, now):
    with (
        pytest.raises(ReadingStopped, match="stopped since 18 November 2026, 12:00: .* compliance officer"),
        own_view(ada, reason="Looking", at=now),
    ):
        pytest.fail("the gate stood open")


def test_no_scores_are_worked_out_while_an_alarm_stands(alarm, now):
    with pytest.raises(ReadingStopped):
        run_scores(by=None, at=now)


@pytest.mark.parametrize("purpose", ["scoring", "team_figures"])
def test_engine_functions_refuse_without_the_use_that_they_cannot_get(alarm, schema, run_sql, purpose):
    with pytest.raises(ProgrammingError, match="no data use for the purpose"):
        run_sql(f"SELECT gate_use('{purpose}')")


def test_leaving_works_while_an_alarm_stands(alarm, ada, now):
    leave(ada, at=now)
    assert not OpenGrant.objects.filter(person=ada).exists()
    assert not everyones(WeekCount).exists()


def test_alarm_that_is_resolved_on_the_record_opens_the_gate(alarm, ada, officer, now):
    resolve(alarm, officer, now)
    with own_view(ada, reason="Looking", at=now):
        assert WeekCount.objects.count() == 1
    entry = Entry.objects.get(event="audit.restore_resolved")
    assert (entry.by, entry.payload["alarm"]) == (officer.pk, alarm.pk)
    assert WHY not in str(entry.payload)
    assert Opening.objects.get(entry_id=entry.pk).text == WHY


def test_one_of_two_alarms_keeps_the_gate_closed(alarm, ada, officer, now):
    Alarm.objects.create(witness=alarm.witness, note="And more.", size_there=9, size_here=3, raised_at=now)
    resolve(alarm, officer, now)
    with pytest.raises(ReadingStopped), own_view(ada, reason="Looking", at=now):
        pytest.fail("the gate stood open")


def test_alarm_is_resolved_once(alarm, officer, now):
    resolve(alarm, officer, now)
    with pytest.raises(AlreadyResolved):
        resolve(alarm, officer, now)
    assert Entry.objects.filter(event="audit.restore_resolved").count() == 1


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM audit_alarm",
        "TRUNCATE audit_alarm",
        "DROP TABLE audit_alarm",
        "UPDATE audit_alarm SET note = ''",
        "UPDATE audit_alarm SET raised_at = now()",
        "ALTER TABLE audit_alarm DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_alarm_ends_on_the_record ON audit_alarm",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION gate_open(text, uuid, uuid[], text, bigint, timestamptz) RETURNS void"
        " LANGUAGE sql AS ''",
        "CREATE OR REPLACE FUNCTION audit_alarm_ends_on_the_record() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
    ],
)
def test_app_role_can_neither_delete_nor_change_an_alarm(alarm, run_sql, attack):
    with pytest.raises(DatabaseError, match="permission denied|must be owner"):
        run_sql(attack)
    assert Alarm.objects.filter(resolved_at=None).exists()


def _update(alarm, by, now):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_alarm SET resolved_at = %s, resolved_by = %s", [now, by.pk])


def test_plain_update_resolves_nothing(alarm, officer, now):
    with pytest.raises(ProgrammingError, match="in the transaction that puts it on record"):
        _update(alarm, officer, now)


def test_entry_of_another_transaction_resolves_nothing(alarm, officer, now):
    with transaction.atomic():
        record(RestoreResolved(alarm.pk, "w", WHY), by=officer, at=now)
    with pytest.raises(ProgrammingError, match="in the transaction that puts it on record"):
        _update(alarm, officer, now)


def test_entry_about_another_alarm_resolves_nothing(alarm, officer, now):
    with pytest.raises(ProgrammingError, match="in the transaction that puts it on record"), transaction.atomic():
        record(RestoreResolved(alarm.pk + 1, "w", WHY), by=officer, at=now)
        _update(alarm, officer, now)


def test_entry_by_another_officer_resolves_nothing(alarm, officer, now):
    other = PersonFactory(roles=[Role.OFFICER])
    with pytest.raises(ProgrammingError, match="in the transaction that puts it on record"), transaction.atomic():
        record(RestoreResolved(alarm.pk, "w", WHY), by=other, at=now)
        _update(alarm, officer, now)


def test_who_is_no_officer_resolves_nothing(alarm, ada, now):
    with pytest.raises(ProgrammingError, match="by a compliance officer"):
        resolve(alarm, ada, now)
    assert not Entry.objects.filter(event="audit.restore_resolved").exists()


def test_officer_who_lost_the_role_or_the_account_resolves_nothing(alarm, officer, now):
    RoleHeld.objects.filter(person=officer).delete()
    with pytest.raises(ProgrammingError, match="by a compliance officer"):
        resolve(alarm, officer, now)
    closed = PersonFactory(roles=[Role.OFFICER], is_active=False)
    with pytest.raises(ProgrammingError, match="by a compliance officer"):
        resolve(alarm, closed, now)


def test_alarm_is_not_taken_back(alarm, officer, now, run_sql):
    resolve(alarm, officer, now)
    with pytest.raises(ProgrammingError, match="once and for all"):
        run_sql("UPDATE audit_alarm SET resolved_at = NULL, resolved_by = NULL")


def test_resolution_is_not_written_anew_by_another_officer(alarm, officer, now):
    resolve(alarm, officer, now)
    other = PersonFactory(roles=[Role.OFFICER])
    with pytest.raises(ProgrammingError, match="once and for all"), transaction.atomic():
        record(RestoreResolved(alarm.pk, "w", WHY), by=other, at=now)
        _update(alarm, other, now)


def test_alarm_is_not_born_resolved(alarm, officer, now):
    with pytest.raises(ProgrammingError, match="begins unresolved"):
        Alarm.objects.create(
            witness=alarm.witness,
            note="n",
            size_there=1,
            size_here=0,
            raised_at=now,
            resolved_at=now,
            resolved_by=officer.pk,
        )


def test_what_deletes_still_finds_its_rows(alarm, ada, now):
    with data_use(PurposeKey.ERASURE, by=ada, about=[ada.pk], reason="Leaving", at=now):
        assert WeekCount.objects.count() == 1
