"""A person leaves for good: asked, erased, looked through again, certified."""

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import Person
from consent.audit.models import Entry
from consent.domain import eraser
from consent.domain.erasing import request_erasure
from consent.models import Obligation
from tests.factories.accounts import PersonFactory


def erase(erasure):
    eraser.erase(erasure)
    eraser.verify([erasure])
    eraser.conclude(erasure, at=timezone.now())
    erasure.refresh_from_db()
    return erasure


@pytest.fixture
def alice(in_acme):
    return PersonFactory(name="Alice Abernathy", email="alice@acme.example")


def test_asking_shuts_the_account_and_promises_a_date(alice):
    asked = request_erasure(alice, by=alice, at=timezone.now())
    alice.refresh_from_db()
    assert (alice.is_active, asked.erasure.state, Obligation.objects.get().thing) == (
        False,
        "erasing",
        asked.erasure.pk,
    )


def test_nothing_is_left_and_the_obligation_is_complete(alice):
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    erasure = erase(request_erasure(alice, by=alice, at=timezone.now()).erasure)
    assert (erasure.state, erasure.found, erasure.email) == ("erased", {}, "")
    assert Obligation.objects.get().outcome == "complete"
    assert not Person.objects.filter(pk=alice.pk).exists()
    assert Entry.objects.get(pk=erasure.entry).event == "consent.person_erased"
