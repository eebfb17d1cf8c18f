"""Asking two others for a role."""

from datetime import datetime

from accounts import rules
from accounts.domain.roles import AlreadyHeld, refuse_out_of_place
from accounts.errors import DomainError
from accounts.models import Person
from accounts.states import Role
from consent.domain.approvals import propose
from consent.domain.matters import RoleGift
from consent.models import Proposal


def propose_role(person: Person, *, role: Role, by: Person, at: datetime) -> Proposal:
    """Propose that a person gets one of the roles that two others give.

    :raises NotByApproval: the owner gives this role directly
    :raises AlreadyHeld: there is nothing to propose
    :raises NotProposed: with the sentence that says why
    """
    refuse_out_of_place([role])
    if role not in rules.GIVEN_BY_APPROVAL:
        raise NotByApproval(f"The role “{role.label}” needs no approval. Give it on the person’s page.")
    if role in person.role_names():
        raise AlreadyHeld(f"{person.name} holds the role “{role.label}” already.")
    return propose(RoleGift(str(person.pk), role.value), by=by, at=at)


class NotByApproval(DomainError):
    """Only three roles are given by two others."""
