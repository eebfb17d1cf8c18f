"""Nobody is brought back but by themselves: not by an import, nor by somebody who adds them."""

import re

import pytest
from django.core import mail
from django.db import IntegrityError

from accounts.domain.companies import NotPossible, has_owner, invite_owner
from accounts.domain.invitations import invite
from accounts.models import Person
from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.audit.models import Entry
from tests.browsing import client_for, plain  # noqa: F401
from tests.conftest import _company
from tests.factories.accounts import PASSWORD, PersonFactory

JOINING = {"name": "Alice Archer", "password": PASSWORD}


@pytest.fixture
def invited(erased, officer, now, in_acme):
    """An invitation to the address of somebody who was erased: that alone says nothing yet."""
    invite(
        "alice@acme.example", roles=[], by=officer, at=now.replace(year=2027), link_base="http://acme.localhost:8000"
    )
    return re.search(r"/accounts/join/\S+", mail.outbox[-1].body)[0]


def test_nobody_else_brings_them_back(erased):
    with pytest.raises(IntegrityError, match="asked to be forgotten"):
        PersonFactory(email="alice@acme.example")


def test_they_are_not_kept_out_of_another_company(erased, globex):
    with in_schema("globex"):
        assert PersonFactory(email="alice@acme.example").pk


def test_only_their_own_tick_brings_them_back(invited, client_for):  # noqa: F811
    browser = client_for()
    assert "erased here once" not in plain(browser.get(invited))
    answer = browser.post(invited, JOINING)
    assert (answer.status_code, "Everything about you was once erased here" in plain(answer)) == (422, True)
    assert not Person.objects.filter(email="alice@acme.example").exists()
    assert browser.post(invited, JOINING | {"comes_back": "on"}).status_code == 302
    assert Person.objects.filter(email="alice@acme.example").exists()
    assert Entry.objects.filter(event="accounts.person_came_back").count() == 1


def test_operator_invites_an_owner_only_where_there_is_none(in_acme, platform, ask, run_eraser, now, client_for):  # noqa: F811
    owner, acme = PersonFactory(roles=[Role.OWNER]), _company("acme")
    with in_schema("platform"):
        operator = PersonFactory(roles=[Role.OPERATOR], email="operator@assent.example")
        with pytest.raises(NotPossible, match="has an owner"):
            invite_owner(acme, email="new@acme.example", by=operator, at=now)
    ask(owner)
    run_eraser()
    assert not has_owner(acme)
    with in_schema("platform"):
        browser = client_for(operator, "platform")
    assert "Nobody owns this company" in plain(browser.get(f"/companies/{acme.pk}/".replace("/c", "/platform/c")))
    browser.post(f"/platform/companies/{acme.pk}/owner/", {"email": "new@acme.example"})
    assert has_owner(acme)
