"""Article 6: who decides is itself decided, and the strictest policy in reach holds."""

from datetime import timedelta

from consent.models import ApprovalPolicy
from tests.constitution.refusals import refused
from tests.factories.approvals import (
    appointed,
    decided,
    executed,
    opened,
    policy,
    standing,
    wording,
)


def test_policy_below_two_is_refused(approvers, author):
    lowered = opened("approval_policy", policy(approvals_needed=1), author=author)
    [decided(lowered, approver) for approver in approvers]
    with refused("policy_needs_two"):
        executed(lowered, author)


def test_stricter_of_both_policies_holds_for_what_is_open(proposal, approvers, author):
    third = appointed("approver", by=approvers, author=author)
    stricter = opened("approval_policy", policy(approvals_needed=3), author=author)
    [decided(stricter, approver) for approver in approvers]
    executed(stricter, author)
    [decided(proposal, approver) for approver in approvers]

    assert standing(proposal) == "open"
    decided(proposal, third)
    assert standing(proposal) == "approved"
    proposal.refresh_from_db()
    assert proposal.expires_at - proposal.opened_at == timedelta(hours=48)


def test_policy_is_lowered_only_by_as_many_as_it_names(approvers, author):
    third = appointed("approver", by=approvers, author=author)
    stricter = opened("approval_policy", policy(approvals_needed=3), author=author)
    [decided(stricter, approver) for approver in approvers]
    executed(stricter, author)
    lower = opened("approval_policy", policy(version=3, approvals_needed=2), author=author)
    [decided(lower, approver) for approver in approvers]
    with refused("execution_is_approved"):
        executed(lower, author)
    decided(lower, third)
    executed(lower, author)
    assert ApprovalPolicy.objects.get(kind="purpose_version", is_current=True).approvals_needed == 2


def test_policy_of_the_opening_still_holds_when_it_is_loosened(approvers, author):
    third = appointed("approver", by=approvers, author=author)
    stricter = opened("approval_policy", policy(approvals_needed=3), author=author)
    [decided(stricter, approver) for approver in approvers]
    executed(stricter, author)
    proposal = opened("purpose_version", wording(), author=author)
    looser = opened("approval_policy", policy(version=3, approvals_needed=2), author=author)
    [decided(looser, approver) for approver in (*approvers, third)]
    executed(looser, author)
    [decided(proposal, approver) for approver in approvers]
    with refused("execution_is_approved"):
        executed(proposal, author)


def test_change_of_policy_that_follows_another_version_is_void(approvers, author):
    stale = opened("approval_policy", policy(version=7), author=author)
    [decided(stale, approver) for approver in approvers]
    with refused("execution_follows_current"):
        executed(stale, author)
