"""Letting people in: a link that only one mail holds, good for seven days and for one use."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts import events
from accounts.domain.invitation_mail import mail_after_commit
from accounts.domain.roles import gift_of, refuse_out_of_place, refuse_undecided, waits_for_approval
from accounts.errors import DomainError, refused_as
from accounts.models import Invitation, Person, RoleHeld
from accounts.states import InvitationState, Role
from consent.audit.domain.recording import record

GOOD_FOR = timedelta(days=7)


def invite(email: str, *, roles: Iterable[Role], by: Person | None, at: datetime, link_base: str) -> Invitation:
    """Invite someone, in place of any invitation still open for that address, and mail the link after the commit.

    :param by: None when the operator invites a company's first owner
    :param link_base: the company's address, `https://acme.example.com`
    :raises AlreadyMember: there is an account with this address
    :raises TwoOthersDecide: one of the roles is proposed for a member, and not promised
    :raises InvitedMeanwhile: somebody else invites the same address in this moment
    :raises MailNotSent: after the commit, if no other transaction is around this one; the invitation stands
    """
    try:
        return _invite(email.strip().lower(), roles=sorted(set(roles)), by=by, at=at, link_base=link_base)
    except IntegrityError as clash:
        raise InvitedMeanwhile(f"Somebody else invited {email} in this moment. Look at the list again.") from clash


@transaction.atomic
def _invite(email: str, *, roles: list[Role], by: Person | None, at: datetime, link_base: str) -> Invitation:
    refuse_out_of_place(roles)
    refuse_undecided(roles)
    _refuse_member(email)
    for replaced in Invitation.objects.select_for_update().filter(email=email, state=InvitationState.OPEN):
        _move(replaced, InvitationState.WITHDRAWN)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        roles=roles,
        token_digest=_digest(token),
        invited_at=at,
        invited_by=by.pk if by else None,
        expires_at=at + GOOD_FOR,
    )
    record(events.PersonInvited(invitation.pk, [role.value for role in roles]), by=by, at=at)
    mail_after_commit(invitation, token=token, by=by, link_base=link_base, at=at)
    return invitation


def invite_again(invitation: Invitation, *, by: Person, at: datetime, link_base: str) -> Invitation:
    """Send a new link for the same roles, less those that two others give by now; the old one stops working."""
    roles = [role for role in map(Role, invitation.roles) if not waits_for_approval(role)]
    return invite(invitation.email, roles=roles, by=by, at=at, link_base=link_base)


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: Person, at: datetime) -> None:
    """Make an invitation's link stop working.

    :raises InvitationOver: it was used, withdrawn or replaced
    """
    _move(invitation, InvitationState.WITHDRAWN)
    record(events.InvitationWithdrawn(invitation.pk), by=by, at=at)


@transaction.atomic
def accept_invitation(token: str, *, name: str, password: str, at: datetime, comes_back: bool = False) -> Person:
    """Let the holder of the link join, with the roles it offers. The link proves the address.

    :param comes_back: that they were erased here once, and want to be here again
    :raises ErasedOnce: they were, and did not say so
    :raises InvitationRefused: the link is unknown, used, withdrawn, replaced or too old
    :raises AlreadyMember: someone joined with this address meanwhile
    """
    invitation = find_invitation(token, at=at)
    _refuse_member(invitation.email)
    person = Person(email=invitation.email, name=name, joined_at=at)
    person.set_password(password)
    # First the move: of two clicks on the same link, the second finds it used.
    _move(invitation, InvitationState.ACCEPTED, accepted_at=at, accepted_by=person.pk, comes_back=comes_back)
    with refused_as(_ERASED_ONCE):
        person.save(force_insert=True)
    if comes_back:
        record(events.PersonCameBack(), by=person, at=at, about=person.pk)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    record(events.PersonJoined(invitation.pk), by=person, at=at, about=person.pk)
    _give_promised(invitation, person, at=at)
    return person


def _give_promised(invitation: Invitation, person: Person, *, at: datetime) -> None:
    """Give what was promised. A promise from before the founding is no way around those who decide since."""
    for role in map(Role, invitation.roles):
        if waits_for_approval(role):
            record(events.RoleNotGiven(role.value), by=person, at=at, about=person.pk)
            continue
        RoleHeld.objects.create(person=person, role=role, given_at=at, given_by=invitation.invited_by)
        record(gift_of(role), by=person, at=at, about=person.pk)


def find_invitation(token: str, *, at: datetime) -> Invitation:
    """Find the open invitation of a link.

    :raises InvitationRefused: there is none, with the sentence that says why
    """
    invitation = Invitation.objects.filter(token_digest=_digest(token)).first()
    if invitation is None:
        raise UnknownInvitation("This link is not one of ours. Open it once more from the mail, in one piece.")
    if invitation.state == InvitationState.ACCEPTED:
        raise InvitationRefused("This link has been used. If it was you, sign in with your address and password.")
    if invitation.state == InvitationState.WITHDRAWN:
        raise InvitationRefused(
            "This invitation was withdrawn, or replaced by a newer one. Look for a newer mail, or ask who invited you."
        )
    if invitation.expires_at <= at:
        raise InvitationRefused("This link was good for seven days and is too old now. Ask for a new one.")
    return invitation


def _refuse_member(email: str) -> None:
    if Person.objects.filter(email=email).exists():
        raise AlreadyMember(f"{email} has an account here already, and can sign in with it.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _move(
    invitation: Invitation,
    state: InvitationState,
    *,
    accepted_at: datetime | None = None,
    accepted_by: UUID | None = None,
    comes_back: bool = False,
) -> None:
    """Every move begins where the invitation is open; nothing follows the others."""
    still_open = Invitation.objects.filter(pk=invitation.pk, state=InvitationState.OPEN)
    if not still_open.update(state=state, accepted_at=accepted_at, accepted_by=accepted_by, comes_back=comes_back):
        raise InvitationOver("This invitation is not open any more. Look at the list again.")
    invitation.refresh_from_db()


class AlreadyMember(DomainError):
    """Nobody needs an invitation to where they are."""


class InvitedMeanwhile(DomainError):
    """Two people invited the same address at once."""


class InvitationOver(DomainError):
    """It was accepted or withdrawn."""


class InvitationRefused(DomainError):
    """The link lets nobody in any more."""

    status = 410


class ErasedOnce(DomainError):
    """Nobody is brought back but by themselves."""


# PostgreSQL keeps out whoever was erased, until they say themselves that they want to be here again.
_ERASED_ONCE = {
    "person_stays_away": (
        ErasedOnce,
        "Everything about you was once erased here. Tick that you want to come back, if you do.",
    )
}


class UnknownInvitation(InvitationRefused):
    """No invitation has this link."""

    status = 404
