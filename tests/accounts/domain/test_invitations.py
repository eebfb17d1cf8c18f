"""Letting people in by a link that one mail holds."""

import hashlib
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.domain import invitations
from accounts.domain.invitation_mail import MailNotSent
from accounts.domain.roles import RoleOutOfPlace, TwoOthersDecide
from accounts.models import Invitation, Person
from accounts.states import InvitationState, Role
from accounts.tenants.context import in_schema
from consent.audit.models import Entry
from tests.factories.accounts import PersonFactory

BASE = "http://acme.localhost:8000"
GOOD = {"name": "Nora New", "password": "a long and winding pass"}


@pytest.fixture
def send(owner, now, django_capture_on_commit_callbacks):
    """Invite `nora@acme.example`, let the mail go, and return the invitation and its link's token."""

    def invite(email="nora@acme.example", *roles, at=now):
        with django_capture_on_commit_callbacks(execute=True):
            invitation = invitations.invite(email, roles=roles, by=owner, at=at, link_base=BASE)
        return invitation, re.search(r"/accounts/join/([\w-]+)/", mail.outbox[-1].body)[1]

    return invite


def test_link_leaves_by_mail_and_is_kept_as_a_digest_alone(send):
    invitation, token = send()

    invitation.refresh_from_db()
    assert f"{BASE}/accounts/join/{token}/" in mail.outbox[0].body
    assert (mail.outbox[0].to, mail.outbox[0].subject) == (["nora@acme.example"], "Acme invites you to Assent")
    assert invitation.token_digest == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(Invitation.objects.values().get())


def test_token_holds_32_random_bytes(send):
    _, first = send("a@acme.example")
    _, second = send("b@acme.example")

    assert first != second
    assert (len(first), len(second)) == (43, 43)  # 32 bytes in base64 without padding


def test_no_mail_leaves_before_the_commit(owner, now):
    invitations.invite("nora@acme.example", roles=[], by=owner, at=now, link_base=BASE)

    assert mail.outbox == []
    assert Invitation.objects.get().mailed_at is None


def test_mailed_invitation_says_when(send, now):
    invitation, _ = send()

    invitation.refresh_from_db()
    assert invitation.mailed_at == now


def test_invitation_is_in_the_ledger_without_the_address(send, owner):
    invitation, _ = send("nora@acme.example", Role.STEWARD)

    entry = Entry.objects.get(event="accounts.person_invited")
    assert (entry.by, entry.payload) == (owner.pk, {"invitation": str(invitation.pk), "roles": ["steward"]})


def test_address_is_kept_in_small_letters(send):
    invitation, _ = send("Nora@Acme.Example ")

    assert invitation.email == "nora@acme.example"


def test_member_is_not_invited(owner, now):
    with pytest.raises(invitations.AlreadyMember, match="has an account here already"):
        invitations.invite("OMAR@acme.example", roles=[], by=owner, at=now, link_base=BASE)


def test_operators_role_is_not_offered_in_a_company(owner, now):
    with pytest.raises(RoleOutOfPlace):
        invitations.invite("nora@acme.example", roles=[Role.OPERATOR], by=owner, at=now, link_base=BASE)


def test_companies_roles_are_not_offered_on_the_platform(platform, now):
    with in_schema("platform"), pytest.raises(RoleOutOfPlace):
        invitations.invite("nora@platform.example", roles=[Role.OWNER], by=None, at=now, link_base=BASE)


def test_inviting_again_replaces_the_open_invitation(send, now):
    first, old_token = send()

    _, new_token = send()

    first.refresh_from_db()
    assert first.state == InvitationState.WITHDRAWN
    assert invitations.find_invitation(new_token, at=now).email == "nora@acme.example"
    with pytest.raises(invitations.InvitationRefused, match="replaced by a newer one"):
        invitations.find_invitation(old_token, at=now)


def test_sending_again_keeps_the_roles(send, owner, now):
    invitation, _ = send("nora@acme.example", Role.AUTHOR)

    again = invitations.invite_again(invitation, by=owner, at=now, link_base=BASE)

    assert again.roles == ["author"]


def test_accepting_makes_a_member_with_the_promised_roles(send, owner, now):
    invitation, token = send("nora@acme.example", Role.STEWARD, Role.AUTHOR)

    person = invitations.accept_invitation(token, **GOOD, at=now)

    address = EmailAddress.objects.get(user=person)
    assert person.role_names() == {Role.STEWARD, Role.AUTHOR}
    assert set(person.roles.values_list("given_by", flat=True)) == {owner.pk}
    assert (address.email, address.verified, address.primary) == ("nora@acme.example", True, True)
    assert person.check_password(GOOD["password"])
    invitation.refresh_from_db()
    assert (invitation.state, invitation.accepted_at, invitation.accepted_by) == ("accepted", now, person.pk)


def test_joining_is_in_the_ledger(send, now):
    invitation, token = send("nora@acme.example", Role.STEWARD)

    person = invitations.accept_invitation(token, **GOOD, at=now)

    entries = Entry.objects.filter(about=person.pk).order_by("pk").values_list("event", "payload")
    assert list(entries) == [
        ("accounts.person_joined", {"invitation": str(invitation.pk)}),
        ("accounts.role_given_while_founding", {"role": "steward"}),
    ]


def test_link_works_once(send, now):
    _, token = send()
    invitations.accept_invitation(token, **GOOD, at=now)

    with pytest.raises(invitations.InvitationRefused, match="has been used"):
        invitations.accept_invitation(token, **GOOD, at=now)


def test_link_works_until_seven_days_are_over(send, now):
    invitation, token = send()

    assert invitations.find_invitation(token, at=now + timedelta(days=7, seconds=-1)) == invitation


def test_link_is_too_old_after_seven_days(send, now):
    _, token = send()

    with pytest.raises(invitations.InvitationRefused, match="is too old now"):
        invitations.find_invitation(token, at=now + timedelta(days=7))


def test_unknown_link_lets_nobody_in(in_acme, now):
    with pytest.raises(invitations.UnknownInvitation, match="not one of ours"):
        invitations.accept_invitation("x" * 43, **GOOD, at=now)


def test_link_of_one_company_is_unknown_in_another(send, globex, now):
    _, token = send()

    with in_schema("globex"), pytest.raises(invitations.UnknownInvitation):
        invitations.accept_invitation(token, **GOOD, at=now)


def test_withdrawn_link_lets_nobody_in(send, owner, now):
    invitation, token = send()
    invitations.withdraw_invitation(invitation, by=owner, at=now)

    with pytest.raises(invitations.InvitationRefused, match="withdrawn"):
        invitations.accept_invitation(token, **GOOD, at=now)


def test_withdrawing_is_in_the_ledger(send, owner, now):
    invitation, _ = send()

    invitations.withdraw_invitation(invitation, by=owner, at=now)

    assert Entry.objects.get(event="accounts.invitation_withdrawn").payload == {"invitation": str(invitation.pk)}


def test_accepted_invitation_is_not_withdrawn(send, owner, now):
    invitation, token = send()
    invitations.accept_invitation(token, **GOOD, at=now)

    with pytest.raises(invitations.InvitationOver):
        invitations.withdraw_invitation(invitation, by=owner, at=now)


def test_who_joined_meanwhile_does_not_join_twice(send, now):
    _, token = send()
    PersonFactory(email="nora@acme.example")

    with pytest.raises(invitations.AlreadyMember):
        invitations.accept_invitation(token, **GOOD, at=now)

    assert Person.objects.filter(email="nora@acme.example").count() == 1


@pytest.mark.usefixtures("committed", "no_mail_server")
def test_unsent_mail_is_said_and_the_invitation_stands(now):
    with in_schema("acme"):
        owner = PersonFactory(roles=[Role.OWNER])
        with pytest.raises(MailNotSent, match="nora@acme.example is invited, but the mail could not be sent"):
            invitations.invite("nora@acme.example", roles=[], by=owner, at=now, link_base=BASE)
        invitation = Invitation.objects.get()

    assert (invitation.state, invitation.mailed_at) == (InvitationState.OPEN, None)


@pytest.mark.usefixtures("committed")
def test_mail_is_taken_by_a_real_server(mailbox, now):
    with in_schema("acme"):
        owner = PersonFactory(name="Omar Osman", roles=[Role.OWNER])
        invitations.invite("nora@acme.example", roles=[], by=owner, at=now, link_base=BASE)

    assert "Omar Osman invites you to join Assent at Acme." in mailbox.only_text()
    assert "until 25 November 2026, 12:00 UTC" in mailbox.only_text()


def _found():
    PersonFactory(roles=[Role.APPROVER])
    PersonFactory(roles=[Role.APPROVER])


def test_role_that_two_others_give_is_not_promised(send):
    _found()

    with pytest.raises(TwoOthersDecide, match="Two others decide who gets the role “Steward”"):
        send("nora@acme.example", Role.STEWARD)


def test_promise_from_before_the_founding_gives_only_what_one_may_give(send, now):
    _, token = send("nora@acme.example", Role.APPROVER, Role.AUTHOR)
    _found()

    nora = invitations.accept_invitation(token, **GOOD, at=now)

    assert nora.role_names() == {Role.AUTHOR}
    assert Entry.objects.get(event="accounts.role_not_given").payload == {"role": "approver"}
