"""The pages of legal holds, from proposal to end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.states import Role
from consent.domain.approvals import execute
from consent.domain.choices import leave
from consent.models import LegalHold, Proposal
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import decided, two_approvers

SOON = (timezone.now() + timedelta(days=20)).date().isoformat()
ANSWERS = {"person": "alice@acme.example", "reason": "A claim.", "authority": "Court, 4 Ca 12", "review_on": SOON}


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", roles=[Role.OFFICER])


@pytest.fixture
def page(client_for, officer):
    return client_for(officer)


@pytest.fixture
def hold(page, alice, officer):
    approvers = two_approvers()
    page.post("/compliance/holds/propose/", ANSWERS)
    proposal = Proposal.objects.get()
    [decided(proposal, approver) for approver in approvers]
    execute(proposal, by=officer, at=timezone.now())
    return LegalHold.objects.get()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"person": "nobody@acme.example"}, "Nobody here has this address."),
     ({"review_on": "2020-01-01"}, "within a year"), ({"authority": ""}, "Name the court")],
)  # fmt: skip
def test_wrong_answers_come_back_with_a_sentence(page, alice, wrong, sentence):
    two_approvers()
    answer = page.post("/compliance/holds/propose/", ANSWERS | wrong)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)


def test_hold_is_listed_looked_at_reviewed_and_lifted(page, hold, alice):
    assert "Alice Archer" in page.get("/compliance/holds/").content.decode()
    leave(alice, at=timezone.now())
    address = f"/compliance/holds/{hold.pk}/"
    assert "consent_opengrant" in page.get(address).content.decode()
    assert "counts_from" in page.post(f"{address}look/").content.decode()
    assert page.post(f"{address}review/", {"review_on": SOON}).status_code == 422
    page.post(f"{address}review/", {"review_on": SOON, "reason": "It goes on."})
    page.post(f"{address}lift/", {"reason": "It is over."})
    assert page.post(f"{address}lift/", {"reason": "It is over."}).status_code == 409
    assert "What it kept is destroyed." in page.get(address).content.decode()


def test_person_reads_of_the_hold_on_their_own_page(client_for, hold, alice):
    assert "Court, 4 Ca 12" in client_for(alice).get("/me/data/").content.decode()
