"""An export about people: proposed, approved by two others, taken once, and told to those it is about."""

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import RoleHeld
from consent.audit.models import Entry
from consent.domain.approvals import approve, propose
from consent.domain.choices import Wish, take_part
from consent.domain.matters import RoleGift
from consent.models import DataUse, OpenGrant, Proposal
from scoring.models import WeekCount
from tests.browsing import plain
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import appointed
from tests.factories.consent import SourceFactory

FORM = "/manage/approvals/people/propose/"


@pytest.fixture
def nora(founded, now):
    """Takes part, and one number is kept of her."""
    person = PersonFactory(name="Nora Nilsen", email="nora@acme.example")
    take_part(person, wish=Wish((scoring_wording().pk,), (SourceFactory().pk,), is_of_age=True), at=now)
    grant = OpenGrant.objects.get(person=person)
    everyones(WeekCount).create(person=person, grant=grant, kind=1, week="2026-11-16", colleagues=3)
    return person


@pytest.fixture
def officer(client_for, founded):
    return client_for(founded.ottilie)


@pytest.fixture
def proposal(officer, nora) -> Proposal:
    officer.post(FORM, {"people": " Nora@acme.example\n", "reason": "A letter of the authority"})
    return Proposal.objects.get()


@pytest.fixture
def approved(proposal, founded) -> Proposal:
    for person in (founded.piet, founded.paula):
        now = timezone.now()
        approve(proposal, digest=proposal.digest, authenticated_at=now, by=person, at=now)
    return proposal


def export_of(proposal: Proposal) -> str:
    return f"/manage/approvals/{proposal.pk}/export/"


def test_officer_takes_what_two_others_approved(officer, approved, nora):
    answer = officer.post(export_of(approved))
    kept = answer.json()[str(nora.pk)]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert [row["colleagues"] for row in kept["week counts"]] == [3]
    assert len(kept["grants"]) == 1


def test_person_is_told_by_mail_and_finds_it_on_their_page(officer, approved, nora, founded, client_for):
    mail.outbox.clear()
    officer.post(export_of(approved))
    assert [(sent.to, "exported what is kept of you" in sent.subject) for sent in mail.outbox] == [([nora.email], True)]
    shown = plain(client_for(nora).get("/me/uses/"))
    assert "A letter of the authority" in shown
    assert "Ottilie Olsen" in shown
    assert Entry.objects.filter(event="consent.exported_about", about=nora.pk).count() == 1


def test_export_is_had_once(officer, approved):
    officer.post(export_of(approved))
    again = officer.post(export_of(approved))
    assert (again.status_code, "json" in again.headers["Content-Type"]) == (409, False)


def test_approval_is_not_spent_without_handing_anything_over(approved, founded, client_for):
    execution = f"/manage/approvals/{approved.pk}/execute/"
    answers = [client_for(person).post(execution).status_code for person in (founded.piet, founded.ottilie)]
    assert answers == [404, 404]
    assert Proposal.objects.with_standing().get().standing == "approved"


def test_approver_whom_it_is_about_is_told_that_others_decide(officer, founded, client_for):
    third = appointed("approver", by=(founded.piet, founded.paula), author=founded.omar)
    officer.post(FORM, {"people": third.email, "reason": "A letter"})
    page = f"/manage/approvals/{Proposal.objects.get(kind='people_export').pk}/"
    shown = plain(client_for(third).get(page))
    assert "This is about you, so others decide." in shown
    assert "Reject" not in shown


def test_export_that_is_not_approved_reads_nothing_and_stays_on_record(officer, proposal, nora):
    refused = officer.post(export_of(proposal))
    assert (refused.status_code, "json" in refused.headers["Content-Type"]) == (409, False)
    assert DataUse.objects.filter(reason="A letter of the authority").count() == 1


def test_who_is_no_officer_any_more_gets_nothing(officer, approved, founded):
    RoleHeld.objects.filter(person=founded.ottilie).delete()
    assert officer.post(export_of(approved)).status_code == 403


def test_approval_of_something_else_opens_no_export(officer, founded, client_for):
    role = propose(RoleGift(str(PersonFactory().pk), "steward"), by=founded.ottilie, at=timezone.now())
    assert officer.post(export_of(role)).status_code == 409


def test_unknown_address_is_named(officer, founded):
    answer = officer.post(FORM, {"people": "nobody@acme.example", "reason": "x"})
    assert (answer.status_code, "Nobody here has the address nobody@acme.example" in plain(answer)) == (422, True)


def test_page_offers_the_file_to_the_officer_alone(officer, approved, founded, client_for):
    page = f"/manage/approvals/{approved.pk}/"
    assert "Download the export" in plain(officer.get(page))
    assert "Download the export" not in plain(client_for(founded.piet).get(page))
