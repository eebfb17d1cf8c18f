"""Article 4: leaving is immediate and final. Nobody can say that somebody is erased, erase another, or bring one back."""

import json
import uuid

import pytest
from django.db import Error
from django.utils import timezone

from accounts.models import Person, Team
from accounts.states import Role
from consent.domain import eraser
from consent.domain.data_uses import data_use
from consent.domain.erasing import request_erasure
from consent.models import DataUsePerson, Erasure, Obligation
from consent.states import PurposeKey
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory


@pytest.fixture
def leaver(schema):
    return PersonFactory(name="Lea Leaver", email="lea@acme.example")


@pytest.fixture
def erasure(leaver):
    return request_erasure(leaver, by=leaver, at=timezone.now()).erasure


@pytest.mark.parametrize(
    "change",
    ["state = 'erased'", "found = '{}'", "verified_at = now()", "email = 'x'", "next_at = now()", "letter = ''"],
)
def test_app_cannot_write_what_became_of_an_erasure(erasure, run_sql, change):
    with pytest.raises(Error, match="permission denied"):
        run_sql(f"UPDATE consent_erasure SET {change}")


@pytest.mark.parametrize("table", ["consent_erasure", "consent_erasurestep", "consent_suppression"])
def test_app_cannot_forget_an_erasure(erasure, run_sql, table):
    with pytest.raises(Error, match="permission denied"):
        run_sql(f"DELETE FROM {table}")


def test_erasure_off_the_record_is_refused(leaver, run_sql):
    with pytest.raises(Error, match="on the record"):
        run_sql(
            "INSERT INTO consent_erasure (id, person, reference, obligation_id, requested_by, letter, token_digest,"
            " commitment, fully_erased_on) VALUES (gen_random_uuid(), %s, 'E-X', gen_random_uuid(), %s, '', '', '', now())",
            leaver.pk, leaver.pk,
        )  # fmt: skip


def test_rows_of_somebody_who_did_not_ask_are_not_erased(leaver, run_sql):
    with pytest.raises(Error, match="no erasure"):
        run_sql("SELECT consent_erase_rows(%s, ARRAY['accounts_person'])", uuid.uuid4())
    assert Person.objects.filter(pk=leaver.pk).exists()


@pytest.mark.parametrize("table", ["audit_entry", "consent_obligation", "consent_decision"])
def test_evidence_is_not_erased(erasure, run_sql, table):
    with pytest.raises(Error, match="is kept"):
        run_sql("SELECT consent_erase_rows(%s, ARRAY[%s])", erasure.pk, table)


def test_erasure_does_not_end_before_it_was_looked_for(erasure, run_sql):
    with pytest.raises(Error, match="nothing shows"):
        run_sql("SELECT consent_end_erasure(%s)", erasure.pk)


def test_what_the_app_found_does_not_take_away_what_postgresql_found(erasure, run_sql):
    eraser.erase_rows(erasure, ["accounts_teammember"])  # and no more: the account is still there
    run_sql("SELECT consent_verify_erasures(ARRAY[%s], '{}')", erasure.pk)
    erasure.refresh_from_db()
    assert erasure.found["accounts_person.email"] == erasure.found["accounts_person.id"] == 1
    with pytest.raises(Error, match="nothing shows"):
        run_sql("SELECT consent_end_erasure(%s)", erasure.pk)


def test_obligation_is_not_met_by_saying_so(erasure, run_sql):
    with pytest.raises(Error, match="nothing shows"):
        run_sql("UPDATE consent_obligation SET done_at = now(), outcome = 'complete'")


def test_residue_is_told_only_of_whoever_is_being_erased(leaver, run_sql):
    assert run_sql("SELECT consent_residue(ARRAY[%s])::text", leaver.pk) == [("{}",)]
    with pytest.raises(Error, match="being erased"):
        run_sql("SELECT consent_rows_about(%s)", leaver.pk)


def test_keyed_hash_of_an_address_is_worked_out_for_nobody(schema, run_sql):
    with pytest.raises(Error, match="by triggers alone"):
        run_sql("SELECT consent_address_digest('lea@acme.example')")


def test_key_of_the_hashes_is_read_by_nobody(erasure, run_sql):
    with pytest.raises(Error, match="permission denied"):
        run_sql("SELECT key FROM consent_suppressionkey")


WRITES = {
    "role": "INSERT INTO accounts_roleheld (person_id, role, given_at) VALUES ('{person}', 'author', now())",
    "team": "INSERT INTO accounts_teammember (person_id, team_id) VALUES ('{person}', '{team}')",
    "job": "INSERT INTO accounts_job (id, kind, title, state, phase, done, message, attempts, started_by, created_at,"
    " arguments, result_url) VALUES (gen_random_uuid(), 'x', 'x', 'queued', '', 0, '', 0, '{person}', now(), '{{}}', '')",
    "choice": "INSERT INTO consent_choice (id, person_id, kind, reference, made_at) VALUES"
    " (gen_random_uuid(), '{person}', 'stay_out', 'A-X', now())",
    "address": "INSERT INTO account_emailaddress (user_id, email, verified, \"primary\") VALUES ('{person}', 'b@x.example',"
    " false, false)",
    "opening again": "UPDATE accounts_person SET is_active = true WHERE id = '{person}'",
    "another name": "UPDATE accounts_person SET name = 'Somebody' WHERE id = '{person}'",
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nothing_is_written_about_whoever_is_being_erased(erasure, leaver, run_sql, write):
    team = Team.objects.create(name="T", made_at=timezone.now())
    with pytest.raises(Error, match="is being erased"):
        run_sql(write.format(person=leaver.pk, team=team.pk))


def test_account_of_the_erased_does_not_come_back_under_its_id(erasure, leaver, run_sql):
    eraser.erase(erasure)
    with pytest.raises(Error, match="stays shut"):
        PersonFactory(id=leaver.pk, email="other@acme.example")


def test_no_receipt_names_whoever_is_being_erased(erasure, leaver, schema):
    officer = PersonFactory(roles=[Role.OFFICER])
    at = timezone.now()
    before = everyones(DataUsePerson).filter(person_id=leaver.pk).count()  # that of the request itself
    with data_use(PurposeKey.COMPLIANCE_REVIEW, by=officer, about=[leaver.pk], reason="x", at=at) as use:
        assert use.asked == 0
    assert everyones(DataUsePerson).filter(person_id=leaver.pk).count() == before


def test_nobody_is_erased_in_another_company(erasure, app_connection, schema):
    other = "globex" if schema != "globex" else "acme"
    with pytest.raises(Exception, match="no erasure"):
        app_connection(other).execute("SELECT consent_erase_rows(%s, ARRAY['accounts_person'])", [erasure.pk])


def test_pages_are_written_anew_only_when_somebody_was_erased(schema, run_sql):
    with pytest.raises(Error, match="no erasure has ended"):
        run_sql("SELECT consent_rewrite_storage('accounts_person')")


def test_certificate_says_what_postgresql_found(erasure):
    eraser.erase(erasure)
    eraser.verify([erasure])
    eraser.conclude(erasure, at=timezone.now())
    erasure.refresh_from_db()
    assert json.dumps(erasure.found) == "{}"
    assert Obligation.objects.get(pk=erasure.obligation_id).outcome == "complete"
    assert Erasure.objects.get().state == "erased"
