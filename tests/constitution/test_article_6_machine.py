"""Article 6 under any order of events: real commits, raw SQL."""

from itertools import count

import pytest
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
from consent.models import Decision, Execution, Proposal
from tests.constitution.refusals import aged, tried
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import decided, executed, opened

PEOPLE = st.integers(0, 4)


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
        aged(self.owner, proposal, hours)
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
