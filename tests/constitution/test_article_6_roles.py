"""Article 6 for the three roles that decide or see much: two others give them, and founding a company never returns."""

import pytest
from django.utils import timezone

from accounts.models import RoleHeld
from accounts.states import Role
from tests.constitution.refusals import refused
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import appointed, decided, executed, opened, role


@pytest.mark.parametrize("name", ["approver", "steward", "officer"])
def test_role_is_not_given_by_one_alone_once_founded(approvers, name):
    with refused("role_given_by_two_others"):
        PersonFactory(roles=[Role(name)])


def test_role_is_given_by_two_others(approvers, author):
    person = appointed("officer", by=approvers, author=author)
    assert person.role_names() == {Role.OFFICER}


def test_approved_role_goes_to_nobody_else(approvers, author):
    proposal = opened("grant_role", role(PersonFactory()), author=author)
    [decided(proposal, approver) for approver in approvers]
    with refused("role_given_by_two_others"):
        RoleHeld.objects.create(person=PersonFactory(), role="steward", given_at=timezone.now())


def test_nobody_decides_about_themself(approvers, author):
    third = appointed("approver", by=approvers, author=author)
    proposal = opened("grant_role", role(third), author=author)
    with refused("decision_by_another"):
        decided(proposal, third)


def test_founding_never_returns(approvers):
    RoleHeld.objects.filter(person__in=approvers).delete()
    with refused("role_given_by_two_others"):
        PersonFactory(roles=[Role.APPROVER])


def test_while_founding_the_roles_are_given_directly(schema):
    people = [PersonFactory(roles=[name]) for name in (Role.STEWARD, Role.OFFICER, Role.APPROVER, Role.STEWARD)]
    assert RoleHeld.objects.filter(person__in=people).count() == 4


def test_two_accounts_of_one_person_do_not_found_a_company(schema):
    PersonFactory(email="eve@x.example", roles=[Role.APPROVER])
    PersonFactory(email="eve+2@x.example", roles=[Role.APPROVER])
    PersonFactory(roles=[Role.STEWARD])
    assert RoleHeld.objects.filter(role=Role.STEWARD).exists()


def test_approved_role_goes_to_nobody_else_in_its_own_transaction(approvers, author):
    proposal = opened("grant_role", role(PersonFactory()), author=author)
    [decided(proposal, approver) for approver in approvers]
    executed(proposal, author)
    with refused("role_given_by_two_others"):
        RoleHeld.objects.create(person=PersonFactory(), role="steward", given_at=timezone.now())


def test_two_who_are_let_in_again_found_the_company_too(schema):
    people = [PersonFactory(roles=[Role.APPROVER], is_active=False) for _ in range(2)]
    for person in people:
        person.is_active = True
        person.save()
    with refused("role_given_by_two_others"):
        PersonFactory(roles=[Role.STEWARD])
