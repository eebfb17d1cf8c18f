"""The board, a case, and what nobody may move."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.domain.health import examine
from accounts.models import Job
from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.domain.deadlines import record_missed, send_digest
from consent.domain.obligations import fulfil, open_obligation
from consent.models import DataUsePerson, Extension, Holiday, Obligation
from consent.states import ObligationKind, Outcome
from scoring.tasks import nightly
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", roles=[Role.OFFICER])


@pytest.fixture
def page(client_for, officer):
    return client_for(officer)


def owed(person, kind=ObligationKind.ACCESS_REQUEST):
    return open_obligation(kind, person=person.pk, by=person, at=timezone.now())


def overdue(owner_connection, obligation):
    owner_connection.execute(
        "UPDATE acme.consent_obligation SET opened_at = now() - interval '9 days', soon_at = now() - interval '2 hours',"
        " promised_at = now() - interval '1 hour', due_at = now() - interval '1 hour' WHERE id = %s",
        [obligation.pk],
    )


def test_empty_board_says_that_nothing_is_owed(page):
    assert "Nothing is owed to anybody." in page.get("/compliance/").content.decode()


@pytest.mark.parametrize("address", ["/compliance/", "/compliance/?show=done", "/compliance/?names=on"])
def test_board_asks_as_often_for_three_rows_as_for_one(page, officer, address):
    def one_more():
        promise = owed(PersonFactory())
        if "done" in address:
            fulfil(promise, Outcome.COMPLETE, by=officer, at=timezone.now())

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            page.get(address)
        return len(asked)

    one_more()
    once = questions()
    one_more()
    one_more()
    assert questions() == once
    assert page.get(address).content.decode().count("/compliance/cases/") == 3


def test_board_says_the_last_day_and_not_the_midnight_after_it(page, bob, owner_connection):
    case = owed(bob)
    owner_connection.execute(
        "UPDATE acme.consent_obligation SET opened_at = '2030-01-01', promised_at = '2030-06-08', due_at = '2030-06-08'"
    )
    for address in ("/compliance/", f"/compliance/cases/{case.pk}/"):
        text = page.get(address).content.decode()
        assert ("Friday, 7 June 2030" in text, "8 June" in text) == (True, False)


def test_board_keeps_the_company_s_own_time(page, bob, owner_connection):
    owed(bob)
    owner_connection.execute(
        "UPDATE acme.consent_obligation SET opened_at = '2030-01-01', promised_at = '2030-06-07 22:00+00',"
        " due_at = '2030-06-07 22:00+00'"
    )
    owner_connection.execute("UPDATE tenants_company SET time_zone = 'Europe/Berlin' WHERE schema_name = 'acme'")
    try:
        text = page.get("/compliance/").content.decode()
    finally:
        owner_connection.execute("UPDATE tenants_company SET time_zone = 'UTC' WHERE schema_name = 'acme'")
    assert "Friday, 7 June 2030" in text


def test_names_are_shown_on_record_alone(page, bob):
    owed(bob)
    assert "Bob Baker" not in page.get("/compliance/").content.decode()
    assert "Bob Baker" in page.get("/compliance/?names=on").content.decode()
    assert everyones(DataUsePerson).filter(person_id=bob.pk).count() == 1


def test_extension_is_given_once_with_a_reason_that_its_person_reads(page, client_for, bob, mailoutbox):
    case = owed(bob)
    address = f"/compliance/cases/{case.pk}/"
    assert page.post(f"{address}extend/", {"reason": ""}).status_code == 422
    page.post(f"{address}extend/", {"reason": "Two systems to ask."})
    (mail,) = mailoutbox
    assert (mail.to, "Two systems to ask." in mail.body, case.reference in mail.body) == ([bob.email], True, True)
    assert "Two systems to ask." in client_for(bob).get("/me/data/").content.decode()
    assert Extension.objects.get().reason == "Two systems to ask."
    assert page.post(f"{address}extend/", {"reason": "Again."}).status_code == 409


def test_missed_deadline_is_recorded_once_and_explained(page, bob, owner_connection, mailoutbox):
    case = owed(bob)
    overdue(owner_connection, case)
    assert [len(record_missed(at=timezone.now())) for _ in range(2)] == [1, 0]
    page.post(f"/compliance/cases/{case.pk}/late/", {"reason": "The mail server was down."})
    assert Obligation.objects.get().late_because == "The mail server was down."
    assert len(mailoutbox) == 1


def test_digest_comes_once_a_day_from_eight_and_names_nobody(officer, bob, owner_connection, mailoutbox):
    overdue(owner_connection, owed(bob))
    morning = timezone.now().replace(hour=9)
    send_digest(at=morning.replace(hour=7))
    assert mailoutbox == []
    send_digest(at=morning)
    send_digest(at=morning)
    (mail,) = mailoutbox
    assert mail.to == [officer.email]
    assert ("1 hour late" in mail.body, "Bob" in mail.body, str(bob.pk) in mail.body) == (True, False, False)


def test_night_waits_while_an_erasure_is_overdue_and_goes_on_after(page, bob, owner_connection):
    case = owed(bob, ObligationKind.ERASURE)
    overdue(owner_connection, case)
    nightly(at=timezone.now())
    assert not Job.objects.filter(kind="run_scores").exists()
    owner_connection.execute("DELETE FROM acme.consent_obligation")
    nightly(at=timezone.now())
    assert Job.objects.filter(kind="run_scores").exists()


def test_steward_reads_why_nothing_runs(client_for, bob, owner_connection):
    case = owed(bob, ObligationKind.ERASURE)
    overdue(owner_connection, case)
    steward = PersonFactory(roles=[Role.STEWARD])
    assert case.reference in client_for(steward).get("/manage/runs/").content.decode()


def test_holiday_is_added_once_and_removed(page):
    page.post("/compliance/deadlines/holidays/add/", {"day": "2030-12-25", "name": "Christmas Day"})
    again = page.post("/compliance/deadlines/holidays/add/", {"day": "2030-12-25", "name": "Christmas"})
    assert (Holiday.objects.count(), again.status_code) == (1, 409)
    page.post("/compliance/deadlines/holidays/2030-12-25/remove/")
    assert not Holiday.objects.exists()


def test_operator_reads_how_many_are_missed_where_and_nothing_more(bob, owner_connection):
    overdue(owner_connection, owed(bob))
    with in_schema("platform"):
        found = {finding.title: finding for finding in examine(at=timezone.now())}
    assert (found["Deadlines"].fact, found["Deadlines"].is_well) == ("Missed: 1 of acme.", False)
