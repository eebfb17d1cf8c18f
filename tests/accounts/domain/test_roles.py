"""Giving and taking roles, and never losing the last owner."""

import pytest

from accounts.domain.roles import (
    AlreadyHeld,
    LastOwner,
    NotHeld,
    RoleOutOfPlace,
    TwoOthersDecide,
    give_role,
    take_role,
)
from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.audit.models import Entry
from consent.domain.founding import LastDeciders
from tests.factories.accounts import PersonFactory


def test_giving_is_held_and_recorded(owner, bob, now):
    give_role(bob, role=Role.STEWARD, by=owner, at=now)

    entry = Entry.objects.get(event="accounts.role_given_while_founding")
    assert bob.role_names() == {Role.STEWARD}
    assert (entry.by, entry.about, entry.payload) == (owner.pk, bob.pk, {"role": "steward"})


def test_role_that_decides_nothing_is_given_by_one_alone(owner, bob, now):
    PersonFactory(roles=[Role.APPROVER])
    PersonFactory(roles=[Role.APPROVER])

    give_role(bob, role=Role.AUTHOR, by=owner, at=now)

    assert Entry.objects.get(event="accounts.role_given").payload == {"role": "author"}


@pytest.mark.parametrize("role", [Role.APPROVER, Role.STEWARD, Role.OFFICER])
def test_role_that_decides_is_proposed_once_two_can_decide(owner, bob, now, role):
    PersonFactory(roles=[Role.APPROVER])
    PersonFactory(roles=[Role.APPROVER])

    with pytest.raises(TwoOthersDecide, match="Propose it on the person’s page"):
        give_role(bob, role=role, by=owner, at=now)


def test_one_of_the_last_two_who_decide_keeps_the_role(owner, now):
    piet = PersonFactory(name="Piet Peters", roles=[Role.APPROVER])
    PersonFactory(roles=[Role.APPROVER])

    with pytest.raises(LastDeciders, match="Without Piet Peters fewer than 2 people could decide"):
        take_role(piet, role=Role.APPROVER, by=owner, at=now)


def test_role_of_an_approver_is_taken_while_the_company_is_founded(owner, now):
    piet = PersonFactory(roles=[Role.APPROVER])

    take_role(piet, role=Role.APPROVER, by=owner, at=now)

    assert piet.role_names() == frozenset()


def test_giving_twice_is_refused(owner, bob, now):
    give_role(bob, role=Role.STEWARD, by=owner, at=now)

    with pytest.raises(AlreadyHeld, match="Bob Baker holds the role “Steward” already"):
        give_role(bob, role=Role.STEWARD, by=owner, at=now)


def test_operators_role_is_refused_in_a_company(owner, bob, now):
    with pytest.raises(RoleOutOfPlace):
        give_role(bob, role=Role.OPERATOR, by=owner, at=now)


def test_companies_role_is_refused_on_the_platform(platform, now):
    with in_schema("platform"):
        olga = PersonFactory(roles=[Role.OPERATOR])
        with pytest.raises(RoleOutOfPlace):
            give_role(olga, role=Role.OWNER, by=olga, at=now)


def test_taking_is_recorded(owner, bob, now):
    give_role(bob, role=Role.STEWARD, by=owner, at=now)

    take_role(bob, role=Role.STEWARD, by=owner, at=now)

    entry = Entry.objects.get(event="accounts.role_taken")
    assert bob.role_names() == set()
    assert (entry.by, entry.about, entry.payload) == (owner.pk, bob.pk, {"role": "steward"})


def test_what_is_not_held_cannot_be_taken(owner, bob, now):
    with pytest.raises(NotHeld, match="does not hold"):
        take_role(bob, role=Role.STEWARD, by=owner, at=now)


def test_last_owner_stays(owner, now):
    with pytest.raises(LastOwner, match="Omar Osman is the last owner"):
        take_role(owner, role=Role.OWNER, by=owner, at=now)

    assert owner.role_names() == {Role.OWNER}
    assert not Entry.objects.filter(event="accounts.role_taken").exists()


def test_owner_who_cannot_sign_in_does_not_count(owner, now):
    PersonFactory(roles=[Role.OWNER], is_active=False)

    with pytest.raises(LastOwner):
        take_role(owner, role=Role.OWNER, by=owner, at=now)


def test_second_owner_may_go(owner, now):
    other = PersonFactory(roles=[Role.OWNER])

    take_role(other, role=Role.OWNER, by=owner, at=now)

    assert other.role_names() == set()
