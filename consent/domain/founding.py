"""Whether a company has two who can decide yet, and what that means for its roles.

Accounts asks here by name (settings): whoever gives roles stands below whoever decides.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Func, TextField

from accounts.errors import DomainError
from accounts.models import Person, RoleHeld
from accounts.states import Role
from consent.audit.domain.recording import record
from consent.events import ApproverAppointedFromOutside
from consent.models import ApprovalPolicy, Founding
from consent.states import ProposalKind

LEAST = 2  # fewer cannot decide on anything, not even on a third


def is_founded() -> bool:
    """Whether the company has ever had two who can decide on roles. Kept by PostgreSQL; it never returns."""
    return Founding.objects.filter(founded_at__isnull=False).exists()


def deciders_on(kind: ProposalKind) -> list[Person]:
    """Who decides on a kind today, one account for each person, by name."""
    policy = ApprovalPolicy.objects.filter(kind=kind, is_current=True).first()
    if policy is None:
        return []
    holders = Person.objects.filter(is_active=True, roles__role__in=policy.decided_by)
    identity = Func("email", function="consent_identity", output_field=TextField())
    by_identity = {person.identity: person for person in holders.annotate(identity=identity).order_by("-joined_at")}
    return sorted(by_identity.values(), key=lambda person: person.name)


def deciders_missing(kind: ProposalKind, *, besides: Person) -> int:
    """How many more would have to hold a deciding role before this person could propose anything of the kind."""
    policy = ApprovalPolicy.objects.filter(kind=kind, is_current=True).first()
    needed = policy.approvals_needed if policy else 2
    others = [person for person in deciders_on(kind) if person != besides]
    return max(0, needed - len(others))


def refuse_taking(person: Person, *, role: Role) -> None:
    """Refuse to take the role of one of the last two who decide: with fewer, nobody could ever be given one again.

    :raises LastDeciders: a third has to be made first
    """
    policy = ApprovalPolicy.objects.get(kind=ProposalKind.GRANT_ROLE, is_current=True)
    if role not in policy.decided_by or not is_founded():
        return
    # First lock, then count in a new statement: of two who take at once, the second counts what the first left.
    holders = Person.objects.filter(roles__role__in=policy.decided_by)
    list(holders.select_for_update(of=("self",)).order_by("pk"))
    others = [other for other in deciders_on(ProposalKind.GRANT_ROLE) if other != person]
    if len(others) < policy.approvals_needed:
        raise LastDeciders(
            f"Without {person.name} fewer than {policy.approvals_needed} people could decide, and nobody could ever be"
            " made one again. Propose another approver first, then take this role."
        )


@transaction.atomic
def appoint_from_outside(person: Person, *, at: datetime) -> None:
    """Make an approver where too few are left to decide on one. Only the owner of the database can: the app's role
    may not set a trigger aside. The ledger says that no two others decided.

    :raises StillDecidable: enough are left, so they decide
    """
    if len(deciders_on(ProposalKind.GRANT_ROLE)) >= LEAST:
        raise StillDecidable("Two approvers are left in this company. An owner proposes the next one, and they decide.")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_roleheld DISABLE TRIGGER consent_role_is_given")
        RoleHeld.objects.create(person=person, role=Role.APPROVER, given_at=at)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks outstanding cannot be altered
        cursor.execute("ALTER TABLE accounts_roleheld ENABLE TRIGGER consent_role_is_given")
    record(ApproverAppointedFromOutside(), by=None, at=at, about=person.pk)


class StillDecidable(DomainError):
    """The way inside is open."""


class LastDeciders(DomainError):
    """Two must remain, or nothing could be decided any more."""
