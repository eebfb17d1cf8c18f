"""Article 6 under any order of events, and under two at once: real commits, real connections, raw SQL."""

import threading
from datetime import timedelta
from itertools import count

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Person, RoleHeld
from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.models import Decision, Execution, Proposal, PurposeVersion
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import decided, executed, opened, standing, two_approvers, wording

PEOPLE = st.integers(0, 4)


def tried(act, *arguments, **named) -> bool:
    """Whether PostgreSQL let it happen."""
    try:
        with transaction.atomic():
            act(*arguments, **named)
    except DatabaseError:
        return False
    return True


class TwoOthersDecide(RuleBasedStateMachine):
    """Five people, all of whom could decide; whatever they do in whatever order, what took effect was approved by two
    others. The machine keeps its own book of who wrote and who approved which words, and PostgreSQL is held to it.
    """

    owner = None  # the owner's connection, for a clock that the app cannot move

    def __init__(self):
        super().__init__()
        self.schema = in_schema("acme")
        self.schema.__enter__()
        self.words = count()
        self.writers, self.approvers, self.age = {}, {}, {}

    @initialize()
    def people(self):
        """Five approvers. It would take proposals to appoint the last three: the owner of the database does it."""
        self.everyone = [PersonFactory() for _ in range(5)]
        self.owner.execute("ALTER TABLE acme.accounts_roleheld DISABLE TRIGGER consent_role_is_given")
        RoleHeld.objects.bulk_create(
            RoleHeld(person=person, role=Role.APPROVER, given_at=timezone.now()) for person in self.everyone
        )
        self.owner.execute("ALTER TABLE acme.accounts_roleheld ENABLE TRIGGER consent_role_is_given")

    proposals = Bundle("proposals")

    @rule(target=proposals, author=PEOPLE)
    def open_one(self, author):
        return self._write(self.everyone[author], None)

    @rule(target=proposals, before=proposals, author=PEOPLE)
    def edit(self, before, author):
        return self._write(self.everyone[author], before)

    def _write(self, author, before):
        written = {}

        def write():
            payload = {"people": [], "reason": "", "what": str(next(self.words))}
            written["proposal"] = opened("people_export", payload, author=author, supersedes=before)

        if not tried(write):
            return multiple()
        proposal = written["proposal"]
        self.writers[proposal.pk] = {author.pk} | (self.writers[before.pk] if before else set())
        self.approvers[proposal.pk] = set()
        self.age[proposal.pk] = 0
        return proposal

    @rule(
        proposal=proposals, person=PEOPLE, verb=st.sampled_from(["approve"] * 6 + ["reject", "send_back", "withdraw"])
    )
    def decide(self, proposal, person, verb):
        person = self.everyone[person]
        if tried(decided, proposal, person, verb, reason="Because.") and verb == "approve":
            assert self.age[proposal.pk] < 72
            self.approvers[proposal.pk].add(person.pk)

    @rule(person=PEOPLE)
    def revoke(self, person):
        RoleHeld.objects.filter(person=self.everyone[person]).delete()

    @rule(person=PEOPLE)
    def shut_out_or_let_in(self, person):
        person = self.everyone[person]
        person.is_active = not person.is_active
        person.save(update_fields=["is_active"])

    @rule(proposal=proposals, hours=st.sampled_from([1, 24, 72]))
    def let_time_pass(self, proposal, hours):
        _age(self.owner, proposal, hours)
        self.age[proposal.pk] += hours

    @rule(proposal=proposals, person=PEOPLE)
    def execute(self, proposal, person):
        entitled = self._entitled(proposal)
        if tried(executed, proposal, self.everyone[person]):
            assert len(entitled) >= 2
            assert self.age[proposal.pk] < 96
            assert not Proposal.objects.filter(supersedes=proposal).exists()

    def _entitled(self, proposal):
        """Who approved these words, had no hand in them, and could still decide today."""
        holders = set(Person.objects.filter(is_active=True, roles__role="approver").values_list("pk", flat=True))
        return (self.approvers[proposal.pk] - self.writers[proposal.pk]) & holders

    @invariant()
    def whatever_took_effect_was_approved_by_two_others(self):
        for execution in Execution.objects.select_related("proposal"):
            digest = execution.proposal.digest
            yes = Decision.objects.filter(proposal=execution.proposal, verb="approve", digest=digest)
            others = set(yes.values_list("person", flat=True)) - self.writers[execution.proposal_id]
            assert len(others) >= 2

    @invariant()
    def nothing_is_executed_without_its_record(self):
        marked = set(Proposal.objects.filter(state="executed").values_list("pk", flat=True))
        assert marked == set(Execution.objects.values_list("pk", flat=True))

    def teardown(self):
        self.schema.__exit__(None, None, None)
        self.owner.execute("TRUNCATE acme.consent_proposal, acme.accounts_person CASCADE")


@pytest.mark.slow
def test_nothing_takes_effect_without_two_others_in_any_order(committed, owner_connection):
    TwoOthersDecide.owner = owner_connection
    enough = settings(max_examples=60, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(TwoOthersDecide, settings=enough)


# Two at once


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


def test_role_taken_in_the_same_moment_comes_first_or_after_never_between(race, approved, app_connection):
    """The one who takes the role holds it locked: the execution waits, and finds one approval too few."""
    proposal, author, approvers = approved
    taker = app_connection("acme")
    taker.execute("DELETE FROM accounts_roleheld WHERE person_id = %s", [approvers[0].pk])
    outcome = []
    waiting = threading.Thread(target=_in_acme, args=[lambda: outcome.append(tried(executed, proposal, author))])
    waiting.start()
    waiting.join(0.4)
    assert waiting.is_alive()
    taker.commit()
    waiting.join(5)
    assert (outcome, standing(proposal)) == ([False], "open")


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
    _age(owner_connection, proposal, hours)
    assert tried(decided, proposal, first) is (outcome == "open")
    assert standing(proposal) == outcome


@pytest.mark.parametrize(("hours", "happens"), [(95, True), (96, False)])
def test_approved_proposal_takes_effect_in_its_window_alone(race, approved, owner_connection, hours, happens):
    proposal, author, _ = approved
    _age(owner_connection, proposal, hours)
    assert tried(executed, proposal, author) is happens


def test_expired_proposal_makes_room_for_a_new_one(race, approved, owner_connection):
    proposal, author, _ = approved
    _age(owner_connection, proposal, 96)
    assert tried(opened, "purpose_version", wording(), author=author)
    proposal.refresh_from_db()
    assert proposal.state == "expired"


def test_transaction_kept_open_past_the_deadline_is_too_late(race, approved, owner_connection):
    """`now()` would still say when the transaction began."""
    proposal, author, _ = approved
    with transaction.atomic():
        Person.objects.exists()
        _age(owner_connection, proposal, 96)
        assert not tried(executed, proposal, author)


def _age(owner_connection, proposal, hours):
    owner_connection.execute(
        "UPDATE acme.consent_proposal SET opened_at = opened_at - %(by)s, expires_at = expires_at - %(by)s,"
        " execute_before = execute_before - %(by)s WHERE id = %(id)s",
        {"by": timedelta(hours=hours), "id": proposal.pk},
    )
