"""Who can do what: the table, cell by cell."""

import pytest

from accounts.rules import COMPANY_ROLES, ROLE_PERMISSIONS, can_take_role, permissions_of
from accounts.states import Permission, Role

EVERYONE = {Permission.SEE_ACCOUNT, Permission.TAKE_PART, Permission.READ_MODEL}
ADDED = {
    Role.AUTHOR: {Permission.DRAFT_CAMPAIGNS, Permission.SEE_FIGURES, Permission.SEE_PROPOSALS},
    Role.APPROVER: {Permission.DECIDE, Permission.SEE_PROPOSALS},
    Role.STEWARD: {
        Permission.MANAGE_SOURCES,
        Permission.RUN_SCORING,
        Permission.ANSWER_DISPUTES,
        Permission.MANAGE_MODELS,
        Permission.SWITCH_OFF,
        Permission.SEE_FIGURES,
        Permission.DECIDE,
        Permission.SEE_PROPOSALS,
        Permission.PROPOSE_PURPOSES,
    },
    Role.OFFICER: {
        Permission.SWITCH_OFF,
        Permission.SEE_DEADLINES,
        Permission.MANAGE_HOLDS,
        Permission.ERASE_PEOPLE,
        Permission.READ_LEDGER,
        Permission.NAME_PEOPLE,
        Permission.MANAGE_WITNESSES,
        Permission.READ_RECORD,
        Permission.SEE_PROPOSALS,
        Permission.PROPOSE_PURPOSES,
        Permission.EXPORT_PEOPLE,
    },
    Role.OWNER: {
        Permission.SWITCH_OFF,
        Permission.MANAGE_PEOPLE,
        Permission.SEE_FIGURES,
        Permission.SEE_PROPOSALS,
        Permission.PROPOSE_POLICIES,
        Permission.CLOSE_COMPANY,
    },
}
OPERATORS = {
    Permission.SEE_ACCOUNT, Permission.MANAGE_COMPANIES, Permission.SEE_HEALTH, Permission.READ_LEDGER,
    Permission.MANAGE_WITNESSES,
}  # fmt: skip


def test_who_has_no_role_may_do_what_everyone_may():
    assert permissions_of([]) == EVERYONE


@pytest.mark.parametrize("role", COMPANY_ROLES)
def test_role_adds_exactly_this(role):
    assert permissions_of([role]) == EVERYONE | ADDED[role]


def test_roles_add_up():
    assert permissions_of([Role.AUTHOR, Role.OFFICER]) == EVERYONE | ADDED[Role.AUTHOR] | ADDED[Role.OFFICER]


def test_operator_is_not_scored_on_the_platform():
    assert permissions_of([Role.OPERATOR], is_operator_house=True) == OPERATORS


def test_who_has_no_role_on_the_platform_sees_their_account_alone():
    assert permissions_of([], is_operator_house=True) == {Permission.SEE_ACCOUNT}


def test_every_role_is_in_the_table():
    assert set(ROLE_PERMISSIONS) == set(Role)


@pytest.mark.parametrize(
    ("role", "owners_left", "can"),
    [(Role.OWNER, 0, False), (Role.OWNER, 1, True), (Role.STEWARD, 0, True)],
)
def test_company_keeps_an_owner(role, owners_left, can):
    assert can_take_role(role, owners_left=owners_left) is can
