"""Giving and taking roles. Three of them are given by two others (Article 6), once a company has two who can decide."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts import events, rules
from accounts.errors import DomainError
from accounts.models import Person, RoleHeld
from accounts.states import Role
from accounts.tenants.context import current_schema
from consent.audit.domain.recording import record


@transaction.atomic
def give_role(person: Person, *, role: Role, by: Person, at: datetime) -> None:
    """Give a role.

    :raises RoleOutOfPlace: roles of companies exist in companies, the operator's on the platform
    :raises TwoOthersDecide: this role is proposed, not given
    :raises AlreadyHeld: there is nothing to give
    """
    refuse_out_of_place([role])
    refuse_undecided([role])
    _, is_new = RoleHeld.objects.get_or_create(person=person, role=role, defaults={"given_at": at, "given_by": by.pk})
    if not is_new:
        raise AlreadyHeld(f"{person.name} holds the role “{role.label}” already.")
    record(gift_of(role), by=by, at=at, about=person.pk)


def gift_of(role: Role) -> events.RoleGiven | events.RoleGivenWhileFounding:
    """The ledger's entry of a role given by one alone: of the three, it says that the company was being founded."""
    alone = role in rules.GIVEN_BY_APPROVAL
    return events.RoleGivenWhileFounding(role.value) if alone else events.RoleGiven(role.value)


@transaction.atomic
def take_role(person: Person, *, role: Role, by: Person, at: datetime) -> None:
    """Take a role away.

    :raises LastOwner: a company keeps at least one owner
    :raises LastDeciders: it also keeps two who can decide
    :raises NotHeld: there is nothing to take
    """
    owners_left = _owners_but(person)
    import_string(settings.REFUSE_TAKING_ROLE)(person, role=role)
    taken, _ = RoleHeld.objects.filter(person=person, role=role).delete()
    if not taken:
        raise NotHeld(f"{person.name} does not hold the role “{role.label}”.")
    if not rules.can_take_role(role, owners_left=owners_left):
        raise LastOwner(f"{person.name} is the last owner. Make somebody else an owner first, then take this role.")
    record(events.RoleTaken(role.value), by=by, at=at, about=person.pk)


def _owners_but(person: Person) -> int:
    """Count the other owners who can sign in, and keep all owners as they are until this transaction ends.

    First lock, then count in a new statement: the one that waited for a lock still sees roles as they were.
    """
    owners = Person.objects.filter(is_active=True, roles__role=Role.OWNER)
    list(owners.select_for_update(of=("self",)).order_by("pk"))
    return owners.exclude(pk=person.pk).count()


def roles_here() -> tuple[Role, ...]:
    """The roles that exist in the house we stand in."""
    return (Role.OPERATOR,) if current_schema() == settings.PLATFORM_SCHEMA else rules.COMPANY_ROLES


def waits_for_approval(role: Role) -> bool:
    """Whether this role takes two others here and now."""
    return role in rules.GIVEN_BY_APPROVAL and import_string(settings.IS_FOUNDED)()


def refuse_undecided(roles: Iterable[Role]) -> None:
    for role in roles:
        if waits_for_approval(Role(role)):
            raise TwoOthersDecide(
                f"Two others decide who gets the role “{Role(role).label}”. Propose it on the person’s page."
            )


def refuse_out_of_place(roles: Iterable[Role]) -> None:
    for role in roles:
        if role not in roles_here():
            raise RoleOutOfPlace(f"The role “{Role(role).label}” does not exist here. Choose one of those offered.")


class AlreadyHeld(DomainError):
    """The person holds this role."""


class TwoOthersDecide(DomainError):
    """Nobody alone gives this role any more."""


class NotHeld(DomainError):
    """The person does not hold this role."""


class LastOwner(DomainError):
    """Without an owner nobody could let people in."""


class RoleOutOfPlace(DomainError):
    """Operators work on the platform alone, all other roles in companies alone."""
