"""Article 6 when two act at once, and when clocks are played with: real connections, raw SQL."""

import threading
import time

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Person, RoleHeld
from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.models import Decision, Execution, Proposal, PurposeVersion
from tests.constitution.refusals import aged, tried
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import decided, executed, opened, role, standing, two_approvers, wording


@pytest.fixture
def race(committed):
    """Run acts at once, each on a connection of its own; return whether each came to pass."""

    def run(*acts):
        barrier, outcomes = threading.Barrier(len(acts)), {}

        def act_in_acme(number, act):
            with in_schema("acme"):
                Person.objects.exists()  # be connected before the start
                barrier.wait()
                outcomes[number] = tried(act)
            connection.close()

        threads = [threading.Thread(target=act_in_acme, args=pair) for pair in enumerate(acts)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        return [outcomes[number] for number in range(len(acts))]

    with in_schema("acme"):
        yield run


@pytest.fixture
def approved(race):
    """A wording with two approvals, its author, and those who gave them."""
    approvers, author = two_approvers(), PersonFactory()
    proposal = opened("purpose_version", wording(), author=author)
    [decided(proposal, approver) for approver in approvers]
    return proposal, author, approvers


def test_many_clicks_of_one_approver_are_one_decision(race):
    first, _ = two_approvers()
    proposal = opened("purpose_version", wording(), author=PersonFactory())
    outcomes = race(*[lambda: decided(proposal, first)] * 12)
    assert (outcomes.count(True), Decision.objects.count()) == (1, 1)


def test_two_executions_are_one_effect(race, approved):
    proposal, author, _ = approved
    outcomes = race(*[lambda: executed(proposal, author)] * 6)
    assert outcomes.count(True) == 1
    assert PurposeVersion.objects.filter(purpose="scoring", version=2).count() == 1


@pytest.mark.parametrize("_", range(5))
def test_edit_and_execution_at_once_have_one_outcome(race, approved, _):
    proposal, author, _ = approved
    executes, edits = race(
        lambda: executed(proposal, author),
        lambda: opened("purpose_version", wording(text="Swapped."), author=author, supersedes=proposal),
    )
    assert executes != edits
    assert not PurposeVersion.objects.filter(text="Swapped.").exists()
    assert standing(proposal) == ("executed" if executes else "superseded")


@pytest.mark.parametrize("_", range(5))
def test_second_approval_and_edit_at_once_never_approve_the_edit(race, _):
    (first, second), author = two_approvers(), PersonFactory()
    proposal = opened("purpose_version", wording(), author=author)
    decided(proposal, first)
    race(
        lambda: decided(proposal, second),
        lambda: opened("purpose_version", wording(text="Swapped."), author=author, supersedes=proposal),
    )
    newest = Proposal.objects.order_by("-version").first()
    assert (standing(proposal), standing(newest)) == ("superseded", "open")
    assert not tried(executed, newest, author)


def held_up(race, holder, sql, values, act) -> bool:
    """Let one connection act without committing; say whether the other act waits for it, and then is refused."""
    holder.execute(sql, values)
    outcome = []
    waiting = threading.Thread(target=_in_acme, args=[lambda: outcome.append(tried(act))])
    waiting.start()
    waiting.join(0.4)
    assert waiting.is_alive()
    holder.commit()
    waiting.join(5)
    return outcome == [False]


@pytest.mark.parametrize(
    "loss",
    [
        "DELETE FROM accounts_roleheld WHERE person_id = %s",
        "UPDATE accounts_person SET is_active = false WHERE id = %s",
    ],
)
def test_approver_lost_in_the_same_moment_is_lost_before_or_after_never_between(race, approved, app_connection, loss):
    proposal, author, approvers = approved
    assert held_up(race, app_connection("acme"), loss, [approvers[0].pk], lambda: executed(proposal, author))
    assert standing(proposal) == "open"


EDIT = (
    "INSERT INTO consent_proposal (id, kind, payload, digest, author, supersedes_id)"
    " SELECT gen_random_uuid(), kind, payload, digest, author, id FROM consent_proposal WHERE id = %s"
)
REJECTION = (
    "INSERT INTO consent_decision (proposal_id, digest, person, verb, reason)"
    " SELECT id, digest, %s, 'reject', 'No.' FROM consent_proposal WHERE id = %s"
)


@pytest.fixture
def waiting_for_two(race):
    """A wording nobody has decided on, its author and those who can."""
    approvers, author = two_approvers(), PersonFactory()
    return opened("purpose_version", wording(), author=author), author, approvers


def test_decision_waits_for_an_edit_and_is_refused(race, waiting_for_two, app_connection):
    proposal, _, (first, _) = waiting_for_two
    assert held_up(race, app_connection("acme"), EDIT, [proposal.pk], lambda: decided(proposal, first))


def test_edit_waits_for_a_rejection_and_is_refused(race, waiting_for_two, app_connection):
    proposal, author, (first, _) = waiting_for_two
    swap = lambda: opened("purpose_version", wording(text="x"), author=author, supersedes=proposal)  # noqa: E731
    assert held_up(race, app_connection("acme"), REJECTION, [first.pk, proposal.pk], swap)
    assert standing(proposal) == "rejected"


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE acme.consent_proposal SET payload = replace(payload, 'fewer', 'other')",
        "UPDATE acme.consent_decision SET verb = 'reject' WHERE id = (SELECT max(id) FROM acme.consent_decision)",
    ],
)
def test_what_was_tampered_with_by_the_owner_is_not_approved(race, approved, owner_connection, tampering):
    """Counted anew from the rows that lie there: neither other words nor another verb pass for what was approved."""
    proposal, author, _ = approved
    owner_connection.execute(tampering)
    assert not tried(executed, proposal, author)


def test_approval_is_not_reused_after_a_rollback(race, approved):
    """What was rolled back did not happen: the record of the execution goes with its effect."""
    proposal, author, _ = approved
    with transaction.atomic():
        executed(proposal, author)
        transaction.set_rollback(True)
    assert (standing(proposal), Execution.objects.count()) == ("approved", 0)
    assert PurposeVersion.objects.get(purpose="scoring", is_current=True).version == 1


def test_two_first_approvers_at_once_found_the_company(race):
    """Neither sees the other’s role yet; the founding’s row makes them queue."""
    people = [PersonFactory() for _ in range(3)]
    outcomes = race(
        *[
            lambda person=person: RoleHeld.objects.create(person=person, role=Role.APPROVER, given_at=timezone.now())
            for person in people
        ]
    )
    assert outcomes.count(True) == 2


def _in_acme(act):
    with in_schema("acme"):
        act()
    connection.close()


# Clocks


@pytest.mark.parametrize(("hours", "outcome"), [(71, "open"), (72, "expired")])
def test_deadline_is_the_databases_own(race, owner_connection, hours, outcome):
    first, _ = two_approvers()
    proposal = opened("purpose_version", wording(), author=PersonFactory())
    aged(owner_connection, proposal, hours)
    assert tried(decided, proposal, first) is (outcome == "open")
    assert standing(proposal) == outcome


@pytest.mark.parametrize(("hours", "happens"), [(95, True), (96, False)])
def test_approved_proposal_takes_effect_in_its_window_alone(race, approved, owner_connection, hours, happens):
    proposal, author, _ = approved
    aged(owner_connection, proposal, hours)
    assert tried(executed, proposal, author) is happens


def test_expired_proposal_makes_room_for_a_new_one(race, approved, owner_connection):
    proposal, author, _ = approved
    aged(owner_connection, proposal, 96)
    assert tried(opened, "purpose_version", wording(), author=author)
    proposal.refresh_from_db()
    assert proposal.state == "expired"


@pytest.mark.parametrize("act", ["decide", "execute"])
def test_transaction_kept_open_past_the_deadline_is_too_late(race, owner_connection, act):
    """`now()` would still say when the transaction began."""
    (first, second), author = two_approvers(), PersonFactory()
    proposal = opened("purpose_version", wording(), author=author)
    decided(proposal, first)
    if act == "execute":
        decided(proposal, second)
    acts = {"decide": lambda: decided(proposal, second), "execute": lambda: executed(proposal, author)}
    with transaction.atomic():
        Person.objects.exists()
        owner_connection.execute(
            "UPDATE acme.consent_proposal SET expires_at = clock_timestamp() + interval '0.20 s',"
            " execute_before = clock_timestamp() + interval '0.21 s'"
        )
        time.sleep(0.4)
        assert not tried(acts[act])


# An execution is good for its own transaction alone


@pytest.fixture
def given(race):
    """A role that two others gave, and that was taken away again."""
    approvers, author, person = two_approvers(), PersonFactory(), PersonFactory()
    proposal = opened("grant_role", role(person), author=author)
    [decided(proposal, approver) for approver in approvers]

    def give_and_take():
        executed(proposal, author)
        RoleHeld.objects.filter(person=person).delete()

    return person, give_and_take


GIFT = "INSERT INTO accounts_roleheld (person_id, role, given_at) VALUES (%s, 'steward', now())"


def test_role_is_not_given_in_a_transaction_that_began_before_the_execution(given, app_connection):
    person, give_and_take = given
    other = app_connection("acme")
    other.execute("SELECT pg_current_xact_id()")
    give_and_take()
    with pytest.raises(psycopg.errors.CheckViolation, match="given by two others"):
        other.execute(GIFT, [person.pk])


def test_role_is_not_given_where_numbers_of_transactions_repeat(given, app_connection, owner_connection):
    """After a restore into a new server they begin anew."""
    person, give_and_take = given
    give_and_take()
    other = app_connection("acme")
    ((number,),) = other.execute("SELECT pg_current_xact_id()::text::bigint").fetchall()
    owner_connection.execute("UPDATE acme.consent_execution SET transaction = %s", [number])
    with pytest.raises(psycopg.errors.CheckViolation, match="given by two others"):
        other.execute(GIFT, [person.pk])
