"""Article 5: a missed deadline stops the machine, and the app can move no deadline."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import Error, IntegrityError
from django.utils import timezone

from accounts.models import Person
from accounts.states import Role
from consent import events
from consent.audit.domain.recording import record
from consent.domain.obligations import extend, fulfil
from consent.models import Obligation
from consent.states import ObligationKind, Outcome
from tests.constitution.refusals import refused
from tests.factories.accounts import PersonFactory
from tests.factories.consent import promised

EXTENSION = "INSERT INTO consent_extension (obligation_id, reason, extended_by) VALUES (%s, 'x', %s)"
OPENED = "INSERT INTO consent_obligation (id, kind, reference, person) VALUES (gen_random_uuid(), %s, %s, %s)"
# Its clocks go back by four days on the day before an erasure of today is due.
SWITCH = (timezone.now() + timedelta(days=3)).timetuple().tm_yday
ODD_ZONES = ("AAA-96", f"AAA0BBB96,J{SWITCH}/12,J{(SWITCH + 29) % 365 + 1}/0", "Pacific/Kiritimati")
THOUSAND_HOLIDAYS = (
    "INSERT INTO consent_holiday (day, name) SELECT current_date + n, 'x' FROM generate_series(0, 999) n"
    " ON CONFLICT DO NOTHING"
)


def days_given(kind, run_sql) -> int:
    reference = f"D-{uuid4()}"[:20]
    run_sql(OPENED, kind, reference, PersonFactory().pk)
    new = Obligation.objects.get(reference=reference)
    return (new.due_at - new.opened_at).days


# ── No deadline is moved ────────────────────────────────────────────────────────────────

WRITTEN_BY_THE_APP = {"late_because", "done_at", "done_by", "outcome"}
COLUMNS = sorted({field.column for field in Obligation._meta.fields} - WRITTEN_BY_THE_APP)


@pytest.mark.parametrize("column", COLUMNS)
def test_app_cannot_move_a_deadline(erasure, run_sql, column):
    with pytest.raises(Error, match="permission denied"):
        run_sql(f"UPDATE consent_obligation SET {column} = {column}")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM consent_obligation",
        "TRUNCATE consent_obligation CASCADE",
        "UPDATE consent_deadlinepolicy SET days = 99",
        "INSERT INTO consent_deadlinepolicy VALUES ('x', 99, 99, 1, false)",
        "DELETE FROM consent_deadlinepolicy",
        "TRUNCATE consent_deadlinepolicy",
        "UPDATE consent_extension SET reason = 'y'",
        "DELETE FROM consent_extension",
        "TRUNCATE consent_extension",
        "UPDATE consent_holiday SET day = '2030-01-01'",
        "TRUNCATE consent_holiday",
    ],
)
def test_app_cannot_remove_what_is_promised(erasure, run_sql, statement):
    with pytest.raises(Error, match="permission denied"):
        run_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE consent_obligation DISABLE TRIGGER ALL",
        "ALTER TABLE consent_obligation DISABLE TRIGGER consent_obligation_opens",
        "ALTER TABLE scoring_run DISABLE TRIGGER scoring_run_stands_still",
        "DROP TRIGGER scoring_score_stands_still ON scoring_score",
        "DROP FUNCTION consent_stands_still() CASCADE",
        "ALTER FUNCTION consent_due(timestamptz, integer, boolean) RENAME TO x",
        "CREATE OR REPLACE FUNCTION consent_due(timestamptz, integer, boolean) RETURNS timestamptz LANGUAGE sql"
        " AS $$ SELECT now() + interval '9 years' $$",
        "SET session_replication_role = 'replica'",
        "SELECT set_config('session_replication_role', 'replica', false)",
        "UPDATE public.tenants_company SET time_zone = 'Pacific/Kiritimati'",
        "ALTER TABLE consent_obligation ALTER COLUMN due_at TYPE timestamptz USING now() + interval '9 years'",
    ],
)
def test_app_cannot_take_the_guards_away(erasure, run_sql, statement):
    with pytest.raises(Error, match="permission denied|must be owner"):
        run_sql(statement)


def test_deadline_the_app_asks_for_is_not_listened_to(schema, run_sql):
    run_sql(
        "INSERT INTO consent_obligation (id, kind, reference, due_at) VALUES"
        " (gen_random_uuid(), 'erasure', 'D-TEST', now() + interval '9 years')"
    )
    obligation = Obligation.objects.get(reference="D-TEST")
    assert (obligation.due_at - obligation.opened_at).days in {3, 4}


def test_app_cannot_say_when_it_was_opened(schema, run_sql):
    with pytest.raises(Error, match="permission denied"):
        run_sql(
            "INSERT INTO consent_obligation (id, kind, reference, opened_at) VALUES"
            " (gen_random_uuid(), 'erasure', 'D-TEST', now() + interval '9 years')"
        )


def test_kind_without_a_policy_is_not_promised(schema, run_sql):
    with refused("obligation_kind_has_policy"):
        run_sql(OPENED, "never", "D-TEST", uuid4())


@pytest.mark.parametrize("zone", ODD_ZONES)
def test_session_in_an_odd_time_zone_moves_nothing(schema, run_sql, zone):
    usual = days_given("erasure", run_sql)
    run_sql(f"SET timezone = '{zone}'")
    assert days_given("erasure", run_sql) == usual
    newest = Obligation.objects.latest("opened_at")
    assert newest.due_at - newest.soon_at == timedelta(days=1)


@pytest.mark.parametrize(
    "setting", ["search_path = pg_temp", "datestyle = 'SQL, MDY'", "intervalstyle = 'sql_standard'"]
)
def test_session_settings_move_nothing(schema, app_connection, setting):
    with app_connection(schema) as link:
        link.execute(f"SET {setting}")
        link.execute(
            f"INSERT INTO \"{schema}\".consent_obligation (id, kind, reference) VALUES ('{uuid4()}', 'erasure', 'D-X')"
        )
        link.commit()
    new = Obligation.objects.get(reference="D-X")
    assert (new.due_at - new.opened_at).days in {3, 4}


def test_temporary_tables_do_not_shadow_the_policy(schema, app_connection):
    with app_connection(schema) as link:
        try:
            link.execute(
                "CREATE TEMPORARY TABLE consent_deadlinepolicy AS SELECT kind, 9999 AS days FROM consent_deadlinepolicy"
            )
        except psycopg.errors.InsufficientPrivilege:
            link.rollback()
        link.execute(
            f"INSERT INTO \"{schema}\".consent_obligation (id, kind, reference) VALUES ('{uuid4()}', 'erasure', 'D-X')"
        )
        link.commit()
    new = Obligation.objects.get(reference="D-X")
    assert (new.due_at - new.opened_at).days in {3, 4}


# ── Holidays count for working days alone, and not without end ──────────────────────────


@pytest.mark.parametrize("kind", ["erasure", "access_request"])
def test_thousand_holidays_move_no_calendar_days(schema, run_sql, kind):
    before = days_given(kind, run_sql)
    run_sql(THOUSAND_HOLIDAYS)
    assert days_given(kind, run_sql) == before


def test_holidays_move_nothing_that_was_promised_before(schema, run_sql):
    promise = promised(ObligationKind.DISPUTE_ANSWER)
    due = promise.due_at
    run_sql(THOUSAND_HOLIDAYS)
    promise.refresh_from_db()
    assert promise.due_at == due


def test_thousand_holidays_put_no_answer_off_beyond_a_month(schema, run_sql):
    assert days_given("dispute_answer", run_sql) in {14, 15, 16}
    run_sql(THOUSAND_HOLIDAYS)
    assert days_given("dispute_answer", run_sql) == 30


def test_one_holiday_gives_one_working_day_more(schema, run_sql, owner_connection):
    def due(days):
        [(at,)] = run_sql("SELECT consent_due('2026-12-21 09:00+00', %s, true)", days)
        return at.date().isoformat()

    assert due(4) == "2026-12-26"  # until the end of Friday the 25th
    run_sql("INSERT INTO consent_holiday VALUES ('2026-12-25', 'Christmas Day')")
    assert due(4) == "2026-12-29"


# ── Extended once, in time, by an officer, on the record ────────────────────────────────


def extended_by(person, obligation, run_sql):
    """Everything that the domain does, but its own refusals."""
    record(events.DeadlineExtended(obligation.pk, obligation.reference, "x"), by=person, at=timezone.now())
    run_sql(EXTENSION, obligation.pk, person.pk)


def test_extension_moves_the_deadline_once(erasure, officer):
    extended = extend(erasure, reason="A second mail server.", by=officer, at=timezone.now())
    assert (extended.due_at - erasure.due_at).days in {26, 27}
    assert extended.promised_at == erasure.promised_at


def test_extension_off_the_record_is_refused(erasure, officer, run_sql):
    with refused("extension_on_record"):
        run_sql(EXTENSION, erasure.pk, officer.pk)


def test_record_of_yesterdays_extension_is_no_record(erasure, officer, run_sql):
    with refused("extension_on_record"):
        record(events.DeadlineExtended(uuid4(), "D-OTHER", "x"), by=officer, at=timezone.now())
        run_sql(EXTENSION, erasure.pk, officer.pk)


def test_second_extension_is_refused(erasure, officer, run_sql):
    extend(erasure, reason="A second mail server.", by=officer, at=timezone.now())
    with refused("consent_extension_pkey"):
        extended_by(officer, erasure, run_sql)


def test_extension_of_what_is_missed_is_refused(overdue, officer, run_sql):
    with refused("extension_in_time"):
        extended_by(officer, overdue, run_sql)


@pytest.mark.parametrize("roles", [[], [Role.OWNER], [Role.STEWARD]])
def test_extension_by_who_is_no_officer_is_refused(erasure, run_sql, roles):
    with refused("extension_by_officer"):
        extended_by(PersonFactory(roles=roles), erasure, run_sql)


def test_extension_by_an_officer_who_has_gone_is_refused(erasure, officer, run_sql):
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    with refused("extension_by_officer"):
        extended_by(officer, erasure, run_sql)


def test_extension_that_is_not_foreseen_is_refused(schema, officer, run_sql):
    with refused("extension_foreseen"):
        extended_by(officer, promised(ObligationKind.RETENTION_PURGE), run_sql)


def test_extension_with_nothing_for_a_reason_is_refused(erasure, officer, run_sql):
    with refused("extension_has_reason"):
        record(events.DeadlineExtended(erasure.pk, erasure.reference, "x"), by=officer, at=timezone.now())
        run_sql(EXTENSION.replace("'x'", "''"), erasure.pk, officer.pk)


# ── Done once, with evidence, and never open again ──────────────────────────────────────


def test_app_cannot_call_an_erasure_done_that_nothing_shows(erasure, run_sql):
    with refused("obligation_done_with_evidence"):
        run_sql("UPDATE consent_obligation SET done_at = now(), outcome = 'complete'")


@pytest.mark.parametrize("outcome", ["complete", "held", "incomplete", "cancelled"])
@pytest.mark.parametrize("kind", ["erasure", "dispute_answer"])
def test_no_outcome_ends_what_nothing_shows(schema, run_sql, kind, outcome):
    promised(kind)
    with refused("obligation_done_with_evidence"):
        run_sql("UPDATE consent_obligation SET done_at = now(), outcome = %s", outcome)


@pytest.mark.parametrize(
    "change",
    [
        "done_at = NULL, outcome = ''",
        "outcome = 'cancelled'",
        "done_at = done_at - interval '1 day'",
        "done_by = gen_random_uuid()",
    ],
)
def test_what_is_done_stays_as_it_ended(schema, officer, run_sql, change):
    fulfil(promised(ObligationKind.ACCESS_REQUEST), Outcome.COMPLETE, by=officer, at=timezone.now())
    with refused("obligation_done_once"):
        run_sql(f"UPDATE consent_obligation SET {change}")


def test_instant_of_the_end_is_the_databases(schema, officer, run_sql):
    promised(ObligationKind.ACCESS_REQUEST)
    run_sql("UPDATE consent_obligation SET done_at = '2020-01-01', outcome = 'complete'")
    ended = Obligation.objects.get()
    assert ended.done_at > ended.opened_at


def test_what_is_done_too_late_is_late_though_nobody_had_noticed(schema, officer, let_pass):
    late = let_pass(promised(ObligationKind.ACCESS_REQUEST))
    fulfil(late, Outcome.COMPLETE, by=officer, at=timezone.now())
    assert late.overdue_at == Obligation.objects.get().due_at


def test_end_without_an_outcome_is_refused(schema, run_sql):
    promised(ObligationKind.ACCESS_REQUEST)
    with pytest.raises(IntegrityError, match="obligation_done_has_outcome"):
        run_sql("UPDATE consent_obligation SET done_at = now()")
