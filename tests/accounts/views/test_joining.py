"""From the link in a mail to one's own account."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from accounts.domain.invitations import accept_invitation, invite, withdraw_invitation
from accounts.models import Invitation, Person
from accounts.states import Role
from tests.browsing import plain

GOOD = {"name": "Nora New", "password": "a long and winding pass"}


@pytest.fixture
def join(owner, django_capture_on_commit_callbacks):
    """The path of a link that was just mailed."""
    with django_capture_on_commit_callbacks(execute=True):
        invite(
            "nora@acme.example", roles=[Role.STEWARD], by=owner, at=timezone.now(), link_base="http://acme.localhost"
        )
    return re.search(r"http://acme.localhost(/accounts/join/[\w-]+/)", mail.outbox[0].body)[1]


def _token(join):
    return join.split("/")[-2]


def test_link_shows_the_address_and_asks_for_name_and_password(client_for, join):
    page = client_for().get(join)

    assert page.status_code == 200
    assert "nora@acme.example" in plain(page)
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_joining_signs_in_and_leads_to_the_first_page(client_for, join):
    client = client_for()

    response = client.post(join, GOOD)

    person = Person.objects.get(email="nora@acme.example")
    assert (response.url, person.name, person.role_names()) == ("/", "Nora New", {Role.STEWARD})
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "Write your name."),
        ({"password": ""}, "Choose a password."),
        ({"password": "short"}, "This password is too short."),
        ({"password": "nora@acme.example"}, "The password is too similar to the email."),
        ({"password": "administrator"}, "This password is too common."),
    ],
)
def test_bad_answers_come_back_and_nobody_joins(client_for, join, given, sentence):
    response = client_for().post(join, GOOD | given)

    assert response.status_code == 422
    assert sentence in plain(response)
    assert not Person.objects.filter(email="nora@acme.example").exists()


def test_used_link_says_so(client_for, join):
    accept_invitation(_token(join), **GOOD, at=timezone.now())

    response = client_for().get(join)

    assert response.status_code == 410
    assert "This link has been used." in plain(response)


def test_withdrawn_link_says_so(client_for, join, owner):
    withdraw_invitation(Invitation.objects.get(), by=owner, at=timezone.now())

    response = client_for().post(join, GOOD)

    assert response.status_code == 410
    assert "This invitation was withdrawn" in plain(response)


def test_old_link_says_so(client_for, join, now):
    Invitation.objects.update(expires_at=timezone.now())

    response = client_for().get(join)

    assert response.status_code == 410
    assert "is too old now" in plain(response)


def test_unknown_link_says_so(client_for, acme):
    response = client_for().get("/accounts/join/unknown/")

    assert response.status_code == 404
    assert "not one of ours" in plain(response)


def test_link_lets_nobody_into_another_company(client_for, join, globex):
    assert client_for(schema="globex").get(join).status_code == 404
