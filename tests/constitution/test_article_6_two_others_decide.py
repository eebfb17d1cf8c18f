"""Article 6: nothing of weight takes effect without two others, whoever writes the SQL. Raw, as the app's own role."""

from datetime import timedelta

import pytest
from django.db import DataError
from django.utils import timezone

from accounts.models import RoleHeld
from accounts.states import Role
from consent.models import Decision, PurposeVersion
from tests.constitution.refusals import refused
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import (
    appointed,
    decided,
    executed,
    export,
    opened,
    standing,
    wording,
)


def in_force() -> PurposeVersion:
    return PurposeVersion.objects.get(purpose="scoring", is_current=True)


def test_two_others_put_a_wording_in_force(proposal, approvers, author):
    [decided(proposal, approver) for approver in approvers]
    executed(proposal, author)

    current = in_force()
    assert (current.version, current.text, current.keeps_for) == (2, "In fewer words.", timedelta(days=365))
    assert standing(proposal) == "executed"


def test_one_other_is_not_enough(proposal, approvers, author):
    decided(proposal, approvers[0])
    with refused("execution_is_approved"):
        executed(proposal, author)
    assert (standing(proposal), in_force().version) == ("open", 1)


def test_nobody_decides_on_what_they_wrote(approvers, author):
    third = appointed("approver", by=approvers, author=author)
    own = opened("purpose_version", wording(), author=third)
    with refused("decision_by_another"):
        decided(own, third)


def test_who_edited_an_earlier_version_is_still_an_editor(approvers, author):
    third = appointed("approver", by=approvers, author=author)
    first = opened("purpose_version", wording(), author=third)
    second = opened("purpose_version", wording(text="Mended."), author=author, supersedes=first)
    with refused("decision_by_another"):
        decided(second, third)


@pytest.mark.parametrize("alias", ["eve+second@x.example", "\uff45ve@x.example"])  # +tag; a wide “e”
def test_second_account_of_the_author_is_the_author(approvers, alias):
    author = PersonFactory(email="eve@x.example")
    other = appointed("approver", by=approvers, author=PersonFactory())
    other.email = alias
    other.save()
    own = opened("purpose_version", wording(), author=author)
    with refused("decision_by_another"):
        decided(own, other)


def test_two_accounts_of_one_approver_are_one_person(proposal, approvers, author):
    first = approvers[0]
    twin = appointed("approver", by=approvers, author=author)
    twin.email = first.email.replace("@", "+twin@")
    twin.save()
    decided(proposal, first)
    with refused("decision_once"):
        decided(proposal, twin)
    assert standing(proposal) == "open"


def test_dots_in_an_address_tell_people_apart(schema, run_sql):
    ((same,),) = run_sql("SELECT consent_identity('a.b@x.example') = consent_identity('ab@x.example')")
    assert not same


def test_nobody_decides_twice(proposal, approvers):
    decided(proposal, approvers[0])
    with refused("decision_once"):
        decided(proposal, approvers[0])
    assert Decision.objects.count() == 1


def test_approval_of_another_digest_is_refused(proposal, approvers):
    with refused("decision_on_digest_seen"):
        decided(proposal, approvers[0], digest="0" * 64)


def test_digest_that_is_not_the_payloads_is_refused(approvers, author):
    with refused("proposal_digest_of_payload"):
        opened("purpose_version", wording(), author=author, digest="0" * 64)


@pytest.mark.parametrize(
    "payload",
    [
        {"people": [], "reason": "", "what": "", "approved": True},
        {"people": [], "reason": ""},
        '{"people":[],"people":["x"],"reason":"","what":""}',
    ],
)
def test_unknown_doubled_or_missing_fields_are_refused(approvers, author, payload):
    with refused("proposal_fields_known"):
        opened("people_export", payload, author=author)


def test_unknown_kind_is_refused(approvers, author):
    with refused("proposal_kind_has_policy"):
        opened("campaign", {"subject": "Hello"}, author=author)


def test_payload_that_is_no_json_is_refused(approvers, author):
    with pytest.raises(DataError):
        opened("people_export", "DROP TABLE", author=author)


def test_who_holds_no_deciding_role_is_refused(proposal):
    with refused("decision_by_decider"):
        decided(proposal, PersonFactory(roles=[Role.OWNER, Role.AUTHOR]))


def test_inactive_approver_is_refused(proposal, approvers):
    approvers[0].is_active = False
    approvers[0].save()
    with refused("decision_by_decider"):
        decided(proposal, approvers[0])


@pytest.mark.parametrize("minutes", [6, -1, None])
def test_approval_without_fresh_authentication_is_refused(proposal, approvers, minutes):
    stale = minutes and timezone.now() - timedelta(minutes=minutes)
    with refused("decision_freshly_authenticated"):
        decided(proposal, approvers[0], authenticated_at=stale)


@pytest.mark.parametrize("verb", ["send_back", "reject"])
def test_stopping_needs_a_reason(proposal, approvers, verb):
    with refused("decision_has_reason"):
        decided(proposal, approvers[0], verb, reason="  ")


@pytest.mark.parametrize(("verb", "state"), [("send_back", "sent_back"), ("reject", "rejected")])
def test_one_other_can_stop_it(proposal, approvers, author, verb, state):
    decided(proposal, approvers[0])
    decided(proposal, approvers[1], verb, reason="It promises too much.", authenticated_at=None)
    assert standing(proposal) == state
    with refused("execution_of_open_proposal"):
        executed(proposal, author)


def test_author_can_always_withdraw_it(proposal, approvers, author):
    [decided(proposal, approver) for approver in approvers]
    decided(proposal, author, "withdraw", authenticated_at=None)
    assert standing(proposal) == "withdrawn"


def test_others_cannot_withdraw_it(proposal, approvers):
    with refused("decision_withdraws_own"):
        decided(proposal, approvers[0], "withdraw")


EDITS = {
    "title": "x", "text": "x", "legal_basis": "x", "assessment": "x", "minimum_age": 19, "keeps_for_days": 366,
    "version": 3,
}  # fmt: skip
CARRIED_OVER = {"needs_grant", "readers", "tables", "works_on"}  # these change together with the code that reads


def test_every_field_of_a_wording_is_frozen_or_carried_over(proposal, approvers, author):
    names = {field.name for field in PurposeVersion._meta.fields} - {"id", "is_current", "in_force_at"}
    frozen = {name.removesuffix("_days") for name in (*EDITS, "purpose")}
    assert (frozen | CARRIED_OVER, frozen & CARRIED_OVER) == (names, set())

    before = in_force()
    [decided(proposal, approver) for approver in approvers]
    executed(proposal, author)
    carried = {name: getattr(in_force(), name) for name in CARRIED_OVER}
    assert carried == {name: getattr(before, name) for name in CARRIED_OVER}


@pytest.mark.parametrize("field", EDITS)
def test_edit_voids_the_approvals(proposal, approvers, author, field):
    [decided(proposal, approver) for approver in approvers]
    edited = opened("purpose_version", wording(**{field: EDITS[field]}), author=author, supersedes=proposal)
    with refused("execution_is_approved"):
        executed(edited, author)
    with refused("execution_of_open_proposal"):
        executed(proposal, author)
    assert (standing(proposal), standing(edited), edited.version) == ("superseded", "open", 2)


def test_approval_of_a_superseded_version_is_refused(proposal, approvers, author):
    opened("purpose_version", wording(text="Other."), author=author, supersedes=proposal)
    with refused("decision_on_open_proposal"):
        decided(proposal, approvers[0])


def test_new_version_cannot_be_about_another_thing(proposal, approvers, author):
    with refused("proposal_same_thing"):
        opened("purpose_version", wording(purpose="perks"), author=author, supersedes=proposal)


def test_what_is_executed_is_not_reopened_or_executed_again(proposal, approvers, author):
    [decided(proposal, approver) for approver in approvers]
    executed(proposal, author)
    with refused("execution_once"):
        executed(proposal, author)
    with refused("proposal_supersedes_open"):
        opened("purpose_version", wording(), author=author, supersedes=proposal)
    assert in_force().version == 2


def test_approver_who_lost_the_role_no_longer_counts(proposal, approvers, author):
    [decided(proposal, approver) for approver in approvers]
    RoleHeld.objects.filter(person=approvers[0]).delete()
    assert standing(proposal) == "open"
    with refused("execution_is_approved"):
        executed(proposal, author)


def test_approver_who_was_shut_out_no_longer_counts(proposal, approvers, author):
    [decided(proposal, approver) for approver in approvers]
    approvers[1].is_active = False
    approvers[1].save()
    with refused("execution_is_approved"):
        executed(proposal, author)


def test_author_who_was_shut_out_cannot_put_it_in_force(proposal, approvers, author):
    [decided(proposal, approver) for approver in approvers]
    author.is_active = False
    author.save()
    with refused("execution_by_involved"):
        executed(proposal, author)


def test_who_was_shut_out_proposes_nothing(approvers, author):
    author.is_active = False
    author.save()
    with refused("proposal_by_active_person"):
        opened("purpose_version", wording(), author=author)


def test_approvers_who_turn_out_to_be_one_person_count_once(proposal, approvers):
    [decided(proposal, approver) for approver in approvers]
    approvers[1].email = approvers[0].email.replace("@", "+also@")
    approvers[1].save()
    assert standing(proposal) == "open"


def test_stranger_to_a_proposal_cannot_put_it_in_force(proposal, approvers):
    [decided(proposal, approver) for approver in approvers]
    with refused("execution_by_involved"):
        executed(proposal, PersonFactory(roles=[Role.OWNER]))


def test_too_few_others_refuse_the_proposal_itself(schema, author):
    PersonFactory(roles=[Role.APPROVER])
    with refused("proposal_has_enough_deciders"):
        opened("purpose_version", wording(), author=author)


def test_author_does_not_count_among_the_others(approvers):
    with refused("proposal_has_enough_deciders"):
        opened("purpose_version", wording(), author=approvers[0])


def test_step_from_a_version_that_is_no_longer_current_is_void(approvers, author):
    stale = opened("purpose_version", wording(version=7), author=author)
    [decided(stale, approver) for approver in approvers]
    with refused("execution_follows_current"):
        executed(stale, author)


def test_same_pair_cannot_wave_everything_through(approvers, author):
    exports = [opened("people_export", export(author), author=author) for _ in range(11)]
    [decided(each, approvers[0]) for each in exports[:10]]
    with refused("decision_unhurried"):
        decided(exports[10], approvers[0])
