"""The owner's pages: people, invitations, roles."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.domain.invitations import invite
from accounts.models import Invitation
from accounts.states import Role
from accounts.tenants.context import in_schema
from tests.browsing import plain
from tests.factories.accounts import PersonFactory

PEOPLE = "/manage/settings/people/"


@pytest.fixture
def page_of(client_for, owner):
    return lambda path=PEOPLE: plain(client_for(owner).get(path))


def _invite(owner, email, at):
    return invite(email, roles=[Role.STEWARD], by=owner, at=at, link_base="http://acme.localhost")


def test_list_shows_people_with_their_roles(page_of, bob):
    PersonFactory(name="Stella Steward", email="stella@acme.example", roles=[Role.STEWARD])
    page = page_of()

    assert 'Bob Baker</a><p class="field__hint">bob@acme.example</p></th><td>None</td>' in page
    assert 'Stella Steward</a><p class="field__hint">stella@acme.example</p></th><td>Steward</td>' in page


def test_list_takes_one_number_of_queries(client_for, owner, now):
    numbers = []
    for email in ("a@acme.example", "b@acme.example", "c@acme.example"):
        PersonFactory(roles=[Role.STEWARD, Role.AUTHOR])
        _invite(owner, email, now)
        with CaptureQueriesContext(connection) as queries:
            client_for(owner).get(PEOPLE)
        numbers.append(len(queries))

    assert numbers[0] == numbers[2]


def test_unsent_invitation_asks_to_be_sent_again(page_of, owner, now):
    _invite(owner, "nora@acme.example", now)

    assert "mail could not be sent, send again" in page_of()


def test_old_invitation_asks_to_be_sent_again(page_of, owner, now):
    invitation = _invite(owner, "nora@acme.example", now - timedelta(days=700))
    Invitation.objects.filter(pk=invitation.pk).update(mailed_at=now)

    assert "too old, send again" in page_of()


@pytest.mark.parametrize("path", [PEOPLE, f"{PEOPLE}invite/", "/manage/settings/permissions/"])
def test_pages_are_the_owners_alone(client_for, bob, path):
    assert client_for(bob).get(path).status_code == 403


def test_who_is_not_signed_in_is_sent_to_sign_in(client_for, acme):
    response = client_for().get(PEOPLE)

    assert response.url == f"/accounts/login/?next={PEOPLE}"


def test_inviting_leads_to_the_list(client_for, owner):
    response = client_for(owner).post(f"{PEOPLE}invite/", {"email": "nora@acme.example", "roles": ["steward"]})

    assert response.url == PEOPLE
    assert Invitation.objects.values_list("email", "roles").get() == ("nora@acme.example", ["steward"])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"email": ""}, "Write the address to invite."),
        ({"email": "nora"}, "Write an address such as ada@acme.com."),
        ({"email": "omar@acme.example"}, "omar@acme.example has an account here already"),
        ({"email": "nora@acme.example", "roles": ["operator"]}, "operator is not one of the available choices"),
    ],
)
def test_bad_invitation_comes_back_with_its_sentence(client_for, owner, given, sentence):
    response = client_for(owner).post(f"{PEOPLE}invite/", given)

    assert response.status_code == 422
    assert sentence in plain(response)
    assert f'value="{given["email"]}"' in plain(response) or not given["email"]
    assert not Invitation.objects.exists()


def test_sending_again_replaces_the_link(client_for, owner, now):
    first = _invite(owner, "nora@acme.example", now)

    client_for(owner).post(f"/manage/settings/invitations/{first.pk}/send/")

    first.refresh_from_db()
    assert first.state == "withdrawn"
    assert Invitation.objects.filter(email="nora@acme.example", state="open").count() == 1


def test_withdrawing_closes_the_invitation(client_for, owner, now):
    invitation = _invite(owner, "nora@acme.example", now)

    client_for(owner).post(f"/manage/settings/invitations/{invitation.pk}/withdraw/")

    invitation.refresh_from_db()
    assert invitation.state == "withdrawn"


def test_person_page_offers_every_role_of_a_company(page_of, bob):
    page = page_of(f"{PEOPLE}{bob.pk}/")

    offered = [role for role in Role if f"/roles/{role.value}/give/" in page]
    assert offered == [Role.AUTHOR, Role.APPROVER, Role.STEWARD, Role.OFFICER, Role.OWNER]


def test_role_is_given_and_taken(client_for, owner, bob):
    client = client_for(owner)

    client.post(f"{PEOPLE}{bob.pk}/roles/steward/give/")
    given = bob.role_names()
    client.post(f"{PEOPLE}{bob.pk}/roles/steward/take/")

    assert (given, bob.role_names()) == ({Role.STEWARD}, frozenset())


def test_last_owner_is_told_why_they_stay(client_for, owner):
    response = client_for(owner).post(f"{PEOPLE}{owner.pk}/roles/owner/take/")

    assert response.status_code == 409
    assert "Omar Osman is the last owner. Make somebody else an owner first" in plain(response)


def test_owner_who_gives_up_the_role_is_sent_on(client_for, owner):
    PersonFactory(roles=[Role.OWNER])

    response = client_for(owner).post(f"{PEOPLE}{owner.pk}/roles/owner/take/")

    assert response.url == "/"


def test_unknown_role_is_not_found(client_for, owner, bob):
    assert client_for(owner).post(f"{PEOPLE}{bob.pk}/roles/king/give/").status_code == 404


def test_person_of_another_company_is_not_found(client_for, owner, charlie):
    assert client_for(owner).get(f"{PEOPLE}{charlie.pk}/").status_code == 404


@pytest.mark.parametrize("act", ["roles/steward/give/", "roles/steward/take/"])
def test_acts_are_posts(client_for, owner, bob, act):
    assert client_for(owner).get(f"{PEOPLE}{bob.pk}/{act}").status_code == 405


def test_who_can_do_what_is_drawn_from_the_table(page_of):
    page = page_of("/manage/settings/permissions/")

    assert "Have scores worked out now" in page
    assert "Invite people, give and take roles" in page
    assert "Make and suspend companies" not in page


@pytest.mark.usefixtures("committed", "no_mail_server")
def test_unsent_mail_is_said_on_the_list():
    client = Client(SERVER_NAME="acme.localhost")
    with in_schema("acme"):
        client.force_login(PersonFactory(roles=[Role.OWNER]))

    page = plain(client.post(f"{PEOPLE}invite/", {"email": "nora@acme.example"}, follow=True))

    assert "nora@acme.example is invited, but the mail could not be sent" in page
    assert "mail could not be sent, send again" in page
