"""What is left of somebody stays only if two others say so, and then the end is called incomplete."""

import pytest
from django.utils import timezone

from accounts.states import Role
from consent.domain import eraser
from consent.domain.approvals import execute
from consent.domain.erasing import request_erasure
from consent.models import Proposal
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import decided, opened, two_approvers, wording


@pytest.fixture
def officer(in_acme):
    return PersonFactory(roles=[Role.OFFICER])


@pytest.fixture
def named(officer, alice):
    """Somebody wrote Alice's address into a wording that two others were to decide on: evidence, which is kept."""
    approvers = two_approvers()
    opened("purpose_version", wording(assessment=f"As {alice.email} asked."), author=PersonFactory())
    erasure = request_erasure(alice, by=alice, at=timezone.now()).erasure
    eraser.erase(erasure)
    eraser.look_again([erasure], clock=timezone.now)
    erasure.refresh_from_db()
    return erasure, approvers


def test_what_is_left_is_named_and_nothing_is_certified(named):
    erasure, _ = named
    assert (erasure.found, erasure.state) == ({"consent_proposal.payload": 1}, "erasing")


def test_two_others_let_it_end_as_incomplete(named, officer, client_for):
    erasure, approvers = named
    page = client_for(officer)
    assert page.post(f"/compliance/cases/{erasure.obligation_id}/accept/", {"reason": ""}).status_code == 422
    page.post(f"/compliance/cases/{erasure.obligation_id}/accept/", {"reason": "Evidence of a decision."})
    proposal = Proposal.objects.get(kind="accept_remainder")
    [decided(proposal, approver) for approver in approvers]
    execute(proposal, by=officer, at=timezone.now())
    eraser.look_again([erasure], clock=timezone.now)
    erasure.refresh_from_db()
    erasure.obligation.refresh_from_db()
    assert (erasure.state, erasure.obligation.outcome) == ("erased", "incomplete")
