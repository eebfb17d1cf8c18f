"""Who can do what: the one table. Pages, views and tests read it; nothing else decides."""

from collections.abc import Iterable

from accounts.states import Permission, Role

# What every member of a company may do, whatever their roles.
EVERYONE = frozenset({Permission.SEE_ACCOUNT, Permission.TAKE_PART, Permission.READ_MODEL})
# On the platform's own host nobody is scored.
EVERY_OPERATOR = frozenset({Permission.SEE_ACCOUNT})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AUTHOR: frozenset({Permission.DRAFT_CAMPAIGNS, Permission.SEE_FIGURES, Permission.SEE_PROPOSALS}),
    Role.APPROVER: frozenset({Permission.DECIDE, Permission.SEE_PROPOSALS}),
    Role.STEWARD: frozenset(
        {
            Permission.MANAGE_SOURCES,
            Permission.RUN_SCORING,
            Permission.MANAGE_MODELS,
            Permission.SWITCH_OFF,
            Permission.ANSWER_DISPUTES,
            Permission.SEE_FIGURES,
            Permission.DECIDE,
            Permission.SEE_PROPOSALS,
            Permission.PROPOSE_PURPOSES,
        }
    ),
    Role.OFFICER: frozenset(
        {
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
        }
    ),
    Role.OWNER: frozenset(
        {
            Permission.MANAGE_PEOPLE,
            Permission.SWITCH_OFF,
            Permission.SEE_FIGURES,
            Permission.SEE_PROPOSALS,
            Permission.PROPOSE_POLICIES,
            Permission.CLOSE_COMPANY,
        }
    ),
    Role.OPERATOR: frozenset(
        {Permission.MANAGE_COMPANIES, Permission.SEE_HEALTH, Permission.READ_LEDGER, Permission.MANAGE_WITNESSES}
    ),
}
# Who holds one of these decides, or sees much: two others give it, once a company has two who can (Article 6).
GIVEN_BY_APPROVAL = frozenset({Role.APPROVER, Role.STEWARD, Role.OFFICER})
COMPANY_ROLES = (Role.AUTHOR, Role.APPROVER, Role.STEWARD, Role.OFFICER, Role.OWNER)


def permissions_of(roles: Iterable[Role], *, is_operator_house: bool = False) -> frozenset[Permission]:
    """Everything that someone with these roles may do."""
    base = EVERY_OPERATOR if is_operator_house else EVERYONE
    return base.union(*(ROLE_PERMISSIONS[Role(role)] for role in roles))


def can_take_role(role: Role, *, owners_left: int) -> bool:
    """Whether a role may be taken away: a company keeps at least one owner."""
    return role != Role.OWNER or owners_left >= 1
