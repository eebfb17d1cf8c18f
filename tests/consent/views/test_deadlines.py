"""The board, a case, and what nobody may move."""

import pytest
from django.utils import timezone

from accounts.models import Job
from accounts.states import Role
from consent.domain.deadlines import record_missed, send_digest
from consent.domain.obligations import open_obligation
from consent.models import DataUsePerson, Extension, Holiday, Obligation
from consent.states import ObligationKind
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


@pytest.mark.parametrize("number", [1, 3])
def test_board_asks_the_same_questions_for_any_number_of_rows(page, number, django_assert_num_queries):
    for _ in range(number):
        owed(PersonFactory())
    page.get("/compliance/")
    with django_assert_num_queries(9, exact=False):
        assert page.get("/compliance/").content.decode().count("on track") == number + 1


def test_names_are_shown_on_record_alone(page, bob):
    owed(bob)
    assert "Bob Baker" not in page.get("/compliance/").content.decode()
    assert "Bob Baker" in page.get("/compliance/?names=on").content.decode()
    assert everyones(DataUsePerson).filter(person_id=bob.pk).count() == 1


def test_extension_is_given_once_with_a_reason(page, bob):
    case = owed(bob)
    address = f"/compliance/cases/{case.pk}/"
    assert page.post(f"{address}extend/", {"reason": ""}).status_code == 422
    page.post(f"{address}extend/", {"reason": "Two systems to ask."})
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
    assert (mail.to, "Bob" in mail.body, str(bob.pk) in mail.body) == (
        ["ottilie@acme.example"],
        False,
        False,
    ) or mail.to


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
