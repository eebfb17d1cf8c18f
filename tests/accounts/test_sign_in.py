"""Signing in and choosing a new password, as people do it, over a real mail server."""

import re

import pytest
from django.core.cache import cache

from accounts.tenants.context import in_schema
from tests.browsing import plain
from tests.factories.accounts import PASSWORD, PersonFactory

LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"


@pytest.fixture
def nora(in_acme):
    return PersonFactory(name="Nora New", email="nora@acme.example", can_sign_in=True)


@pytest.fixture(autouse=True)
def _forget_rate_limits(db):
    for schema in ("acme", "globex"):
        with in_schema(schema):
            cache.clear()


def sign_in(client, email="nora@acme.example", password=PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def test_address_and_password_sign_in(client_for, nora):
    client = client_for()

    response = sign_in(client)

    assert (response.status_code, response.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(nora.pk)


def test_address_may_be_typed_in_any_case(client_for, nora):
    assert sign_in(client_for(), "Nora@Acme.Example").status_code == 302


@pytest.mark.parametrize(("email", "password"), [("nora@acme.example", "wrong"), ("nobody@acme.example", PASSWORD)])
def test_wrong_password_and_unknown_address_are_told_alike(client_for, nora, email, password):
    page = plain(sign_in(client_for(), email, password))

    assert "The email address and/or password you specified are not correct." in page


def test_address_that_was_not_verified_does_not_sign_in(client_for, nora):
    nora.emailaddress_set.update(verified=False)

    client = client_for()
    sign_in(client)

    assert "_auth_user_id" not in client.session


def test_person_who_was_shut_out_does_not_sign_in(client_for, nora):
    nora.is_active = False
    nora.save(update_fields=["is_active"])

    client = client_for()
    sign_in(client)

    assert "_auth_user_id" not in client.session


def test_sign_in_changes_the_sessions_key(client_for, nora):
    client = client_for()
    client.get(LOGIN)
    before = client.session.session_key

    sign_in(client)

    assert client.session.session_key != before


def test_nobody_signs_up_without_an_invitation(client_for, acme):
    page = client_for().post("/accounts/signup/", {"email": "eve@acme.example", "password1": PASSWORD})

    assert "invitation" in plain(page)


def test_cookie_of_one_company_is_anonymous_at_another(client_for, nora, globex):
    client = client_for()
    sign_in(client)

    elsewhere = client_for(schema="globex")
    elsewhere.cookies["session"] = client.cookies["session"].value
    response = elsewhere.get("/me/account/")

    assert client.get("/me/account/").status_code == 200
    assert response.url == f"{LOGIN}?next=/me/account/"


def test_same_address_in_another_company_is_another_account(client_for, nora, globex):
    assert "not correct" in plain(sign_in(client_for(schema="globex")))


def test_sixth_wrong_password_is_told_to_wait(client_for, nora):
    client = client_for()
    [sign_in(client, password="wrong") for _ in range(5)]

    page = plain(sign_in(client))

    assert "Too many failed login attempts. Try again later." in page
    assert "_auth_user_id" not in client.session


def test_limit_of_one_company_is_not_anothers(client_for, nora, globex):
    client = client_for()
    [sign_in(client, password="wrong") for _ in range(6)]
    with in_schema("globex"):
        PersonFactory(email="nora@acme.example", can_sign_in=True)

    assert sign_in(client_for(schema="globex")).status_code == 302


@pytest.fixture
def reset_link(client_for, nora, mailbox):
    client_for().post(RESET, {"email": "nora@acme.example"})
    return re.search(r"http://acme\.localhost(/accounts/password/reset/key/\S+)", mailbox.only_text())[1]


def test_forgotten_password_is_replaced_by_a_mailed_link(client_for, nora, reset_link):
    client = client_for()
    form = client.get(reset_link, follow=True)
    new = "an entirely new passphrase"

    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})

    nora.refresh_from_db()
    assert nora.check_password(new)


def test_mailed_link_works_once(client_for, nora, reset_link):
    client = client_for()
    form = client.get(reset_link, follow=True)
    new = "an entirely new passphrase"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})

    page = client_for().get(reset_link, follow=True)

    assert 'name="password1"' not in plain(page)


def test_reset_does_not_say_whether_an_address_is_known(client_for, nora, mailbox):
    known = client_for().post(RESET, {"email": "nora@acme.example"}, follow=True)
    unknown = client_for().post(RESET, {"email": "nobody@acme.example"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain
    assert _without_secrets(known) == _without_secrets(unknown)


def test_unknown_address_gets_a_mail_that_says_so(client_for, nora, mailbox):
    client_for().post(RESET, {"email": "nobody@acme.example"})

    assert "There is no account with this address here." in mailbox.only_text()


@pytest.mark.parametrize("email", ["nora@acme.example", "nobody@acme.example"])
def test_mail_that_cannot_be_sent_is_said_for_every_address(client_for, nora, no_mail_server, email):
    page = client_for().post(RESET, {"email": email}, follow=True)

    assert page.status_code == 200
    assert "No mail could be sent: the mail server did not take it." in plain(page)


def _without_secrets(page) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", plain(page))


def test_changing_the_password_ends_the_session(client_for, nora):
    client = client_for()
    sign_in(client)
    new = "an entirely new passphrase"

    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert client.get("/me/account/").status_code == 302


def test_own_account_shows_name_address_and_roles(client_for, nora):
    client = client_for()
    sign_in(client)

    page = plain(client.get("/me/account/"))

    assert "Nora New" in page
    assert "nora@acme.example" in page
    assert "You may do what everyone may" in page
