"""Article 6, attacked from the side: odd verbs, odd clocks, old snapshots, other companies, policies nobody could meet."""

from datetime import timedelta

import psycopg
import pytest
from django.db import ProgrammingError, connection
from django.utils import timezone

from accounts.models import Person
from accounts.tenants.context import in_schema
from consent.domain.canonical import canonical
from consent.models import ApprovalPolicy, Decision, Founding, Proposal
from tests.constitution.refusals import refused
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import (
    appointed,
    decided,
    executed,
    export,
    opened,
    policy,
    role,
    standing,
    two_approvers,
    wording,
)

# Verbs and reasons


@pytest.mark.parametrize("verb", ["Approve", "approve ", "cancel", "execute", ""])
def test_verb_that_nobody_knows_is_refused(proposal, approvers, verb):
    with refused("decision_verb_known"):
        decided(proposal, approvers[0], verb, reason="Whatever.")
    assert standing(proposal) == "open"


@pytest.mark.parametrize("reason", ["", "  ", "\n\t "])
def test_reason_of_nothing_but_space_is_none(proposal, approvers, reason):
    with refused("decision_has_reason"):
        decided(proposal, approvers[0], "reject", reason=reason)


# Exports


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_nobody_decides_on_an_export_about_themself(approvers, author, verb):
    third = appointed("approver", by=approvers, author=author)
    about = opened("people_export", export(PersonFactory(), third), author=author)
    with refused("decision_by_another"):
        decided(about, third, verb, reason="I would rather not.")
    with refused("decision_withdraws_own"):
        decided(about, third, "withdraw")


def test_second_account_of_whom_an_export_is_about_decides_neither(approvers, author):
    third = appointed("approver", by=approvers, author=author)
    Person.objects.filter(pk=third.pk).update(email="eve@x.example")
    about = opened("people_export", export(PersonFactory(email="eve+old@x.example")), author=author)
    with refused("decision_by_another"):
        decided(about, third)


def test_export_about_all_who_decide_cannot_be_proposed(approvers, author):
    with refused("proposal_has_enough_deciders"):
        opened("people_export", export(*approvers), author=author)


@pytest.mark.parametrize("change", [{"what": "x"}, {"reason": "x"}, {"people": 2}])
def test_edit_of_an_export_voids_the_approvals(approvers, author, change):
    first = opened("people_export", export(author), author=author)
    [decided(first, approver) for approver in approvers]
    payload = export(author, PersonFactory()) if "people" in change else export(author, **change)
    edited = opened("people_export", payload, author=author, supersedes=first)
    with refused("execution_is_approved"):
        executed(edited, author)
    assert (standing(first), standing(edited)) == ("superseded", "open")


# What is not here


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("purpose_version", {"purpose": "nothing"}),
        ("approval_policy", {"target": "campaign"}),
        ("grant_role", {"role": "operator"}),
        ("grant_role", {"role": "owner"}),
        ("grant_role", {"person": "00000000-0000-0000-0000-000000000000"}),
        ("people_export", {"people": []}),
        ("people_export", {"people": ["00000000-0000-0000-0000-000000000000"]}),
    ],
)
def test_proposal_about_nothing_is_refused(approvers, author, kind, payload):
    sound = {"purpose_version": wording, "approval_policy": policy, "people_export": export}
    whole = role(author) if kind == "grant_role" else sound[kind]()
    with refused("proposal_about_something"):
        opened(kind, whole | payload, author=author)


# Policies


def test_policy_that_nobody_could_meet_is_not_proposed(approvers, author):
    with refused("proposal_leaves_deciders"):
        opened("approval_policy", policy(target="approval_policy", approvals_needed=3), author=author)
    with refused("proposal_leaves_deciders"):
        opened("approval_policy", policy(decided_by=["officer"]), author=author)


def test_policy_that_nobody_can_meet_any_more_does_not_come_in(approvers, author):
    third = appointed("approver", by=approvers, author=author)
    stricter = opened("approval_policy", policy(approvals_needed=3), author=author)
    [decided(stricter, approver) for approver in approvers]
    third.roles.all().delete()
    with refused("execution_leaves_deciders"):
        executed(stricter, author)


@pytest.mark.parametrize("kind", ["purpose_version", "people_export"])
def test_kind_without_a_policy_in_force_is_refused_and_not_waved_through(approvers, author, owner_connection, kind):
    schema = connection.schema_name
    owner_connection.execute(f"UPDATE {schema}.consent_approvalpolicy SET is_current = false WHERE kind = %s", [kind])
    with refused("proposal_kind_has_policy"):
        opened(kind, wording() if kind == "purpose_version" else export(author), author=author)


def test_policy_cannot_be_emptied_even_by_the_owner(schema, owner_connection):
    with pytest.raises(psycopg.errors.CheckViolation):
        owner_connection.execute(f"UPDATE {schema}.consent_approvalpolicy SET decided_by = '{{}}'")


# Clocks


def test_clock_of_the_session_moves_no_deadline(approvers, author, run_sql):
    """A zone of one's own making, with a summer time of four days that begins tomorrow."""
    tomorrow = (timezone.now() + timedelta(days=1)).timetuple().tm_yday
    run_sql(f"SET timezone = 'AAA0BBB96,J{tomorrow}/0,J{tomorrow + 1}/0'")
    try:
        proposal = opened("people_export", export(author), author=author)
    finally:
        run_sql("RESET timezone")
    spans = (proposal.expires_at - proposal.opened_at, proposal.execute_before - proposal.expires_at)
    assert spans == (timedelta(hours=72), timedelta(hours=24))


# Old snapshots


@pytest.fixture
def acme_with_two(committed):
    with in_schema("acme"):
        yield two_approvers()


def steady(link: psycopg.Connection) -> psycopg.Connection:
    """A connection that goes on seeing the world as it is now."""
    link.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    link.execute("SELECT count(*) FROM consent_proposal")
    return link


EXECUTION = "INSERT INTO consent_execution (proposal_id, executed_by) VALUES (%s, %s)"


def test_old_snapshot_does_not_see_past_a_stricter_policy(acme_with_two, app_connection):
    author = PersonFactory()
    appointed("approver", by=acme_with_two, author=author)
    weak = opened("purpose_version", wording(), author=author)
    [decided(weak, approver) for approver in acme_with_two]
    link = steady(app_connection("acme"))
    stricter = opened("approval_policy", policy(approvals_needed=3), author=author)
    [decided(stricter, approver) for approver in acme_with_two]
    executed(stricter, author)
    with pytest.raises(psycopg.errors.SerializationFailure):
        link.execute(EXECUTION, [weak.pk, author.pk])
    assert standing(weak) == "open"


def test_old_snapshot_does_not_see_an_approver_who_has_gone(acme_with_two, app_connection):
    author = PersonFactory()
    proposal = opened("purpose_version", wording(), author=author)
    [decided(proposal, approver) for approver in acme_with_two]
    link = steady(app_connection("acme"))
    acme_with_two[0].roles.all().delete()
    with pytest.raises(psycopg.errors.SerializationFailure):
        link.execute(EXECUTION, [proposal.pk, author.pk])


def test_two_first_approvers_in_old_snapshots_do_not_leave_the_founding_open(committed, app_connection):
    with in_schema("acme"):
        first, second = PersonFactory(), PersonFactory()
        links = [steady(app_connection("acme")) for _ in range(2)]
        give = "INSERT INTO accounts_roleheld (person_id, role, given_at) VALUES (%s, 'approver', now())"
        links[0].execute(give, [first.pk])
        links[0].commit()
        with pytest.raises(psycopg.errors.SerializationFailure):
            links[1].execute(give, [second.pk])
        links[1].rollback()
        links[1].execute(give, [second.pk])
        links[1].commit()
        assert Founding.objects.get().founded_at is not None


# Other companies, and the shell


def test_proposal_of_another_company_is_not_decided_here(acme_with_two):
    """Though the people here have the very ids of those who could decide there."""
    proposal = opened("purpose_version", wording(), author=PersonFactory())
    with in_schema("globex"):
        here = [PersonFactory(pk=approver.pk, email=approver.email, roles=["approver"]) for approver in acme_with_two]
        with refused("decision_on_open_proposal"):
            decided(proposal, here[0])
        with refused("execution_of_open_proposal"):
            executed(proposal, here[0])
    assert (Decision.objects.count(), standing(proposal)) == (0, "open")


@pytest.mark.parametrize(
    "act",
    [
        lambda proposal: proposal.save(),
        lambda proposal: Proposal.objects.filter(pk=proposal.pk)._raw_delete("default"),
        lambda proposal: Proposal.objects.update(state="executed"),  # noqa: ARG005
        lambda proposal: Proposal.objects.bulk_update([proposal], ["payload", "digest"]),
        lambda proposal: Decision.objects.update(verb="approve"),  # noqa: ARG005
        lambda proposal: Decision.objects.all()._raw_delete("default"),  # noqa: ARG005
        lambda proposal: ApprovalPolicy.objects.update(approvals_needed=2),  # noqa: ARG005
        lambda proposal: proposal.policy.save(),
    ],
    ids=["save", "delete", "update", "bulk_update", "update_decisions", "raw_delete", "update_policies", "save_policy"],
)
def test_shell_writes_no_more_than_raw_sql(proposal, approvers, act):
    decided(proposal, approvers[0])
    proposal.payload = canonical(wording(text="Swapped."))
    with pytest.raises(ProgrammingError, match="permission denied"):
        act(proposal)


def test_author_does_not_decide_in_the_shell_either(proposal, author):
    with refused("decision_by_another"):
        Decision(proposal=proposal, digest=proposal.digest, person=author.pk, verb="approve").save(force_insert=True)
    with refused("decision_by_another"):
        Decision.objects.bulk_create(
            [Decision(proposal=proposal, digest=proposal.digest, person=author.pk, verb="approve")]
        )
