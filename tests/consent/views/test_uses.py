"""Who used my data: in sentences, with what was refused, and without one's own looks unless asked for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from consent.domain.data_uses import ReaderRefused, data_use, own_view
from consent.states import PurposeKey
from tests.browsing import plain
from tests.factories.accounts import PersonFactory

ADDRESS = "/me/uses/"


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", roles=[Role.OFFICER])


def _review(officer, person, now, reason="Complaint 7"):
    with data_use(PurposeKey.COMPLIANCE_REVIEW, by=officer, about=[person.pk], reason=reason, at=now):
        pass


def test_use_is_told_with_reader_reason_and_purpose(client_for, alice, officer, now):
    _review(officer, alice, now)
    page = plain(client_for(alice).get(ADDRESS))
    assert "Complaint 7" in page
    assert "Ottilie Olsen used your data, for “Review compliance”." in page


def test_bulk_run_is_told(client_for, alice, now):
    with data_use(PurposeKey.SCORING, by=None, about=None, reason="Working out scores", at=now):
        pass
    assert "The machine used your data, for “Work out my score and show it to me”." in plain(
        client_for(alice).get(ADDRESS)
    )


def test_refused_attempt_is_told(client_for, alice, bob, now):
    with (
        pytest.raises(ReaderRefused),
        data_use(PurposeKey.COMPLIANCE_REVIEW, by=bob, about=[alice.pk], reason="Curious", at=now),
    ):
        pass
    page = plain(client_for(alice).get(ADDRESS, {"refused": "on"}))
    assert "Bob Baker asked for your data and <strong>got nothing</strong>" in page


def test_own_looks_show_when_asked_for(client_for, alice, now):
    with own_view(alice, reason="Opening the score page", at=now):
        pass
    client = client_for(alice)
    assert "Opening the score page" not in plain(client.get(ADDRESS))
    assert "Opening the score page" in plain(client.get(ADDRESS, {"own": "on"}))


def test_filter_by_purpose(client_for, alice, officer, now):
    _review(officer, alice, now)
    client = client_for(alice)
    assert "Complaint 7" in plain(client.get(ADDRESS, {"purpose": "compliance_review"}))
    assert "Nobody used your data." in plain(client.get(ADDRESS, {"purpose": "perks"}))
    assert "Complaint 7" in plain(client.get(ADDRESS, {"purpose": "nonsense"}))


def test_uses_of_others_are_not_shown(client_for, alice, bob, officer, now):
    _review(officer, bob, now, "About Bob")
    assert "About Bob" not in plain(client_for(alice).get(ADDRESS))


def test_page_asks_as_often_for_three_uses_as_for_one(client_for, alice, officer, now):
    client = client_for(alice)
    _review(officer, alice, now)
    one = _queries(client)
    for name in ("Paula", "Quentin"):
        _review(PersonFactory(name=name, roles=[Role.OFFICER]), alice, now)
    assert _queries(client) == one


def _queries(client):
    client.get(ADDRESS)
    with CaptureQueriesContext(connection) as queries:
        client.get(ADDRESS)
    return len(queries)
