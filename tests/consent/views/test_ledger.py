"""The officer's list: sentences, opaque ids, and an honest number."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import RoleHeld
from accounts.states import Role
from consent.audit.models import Entry
from consent.domain.choices import stay_out
from tests.browsing import plain
from tests.factories.accounts import PersonFactory

ADDRESS = "/compliance/ledger/"


@pytest.fixture
def officer(in_acme, now):
    officer = PersonFactory(name="Ottilie Olsen")
    RoleHeld.objects.create(person=officer, role=Role.OFFICER, given_at=now)
    return officer


def _fill(person, number, at):
    for minutes in range(number):
        stay_out(person, at=at + timedelta(minutes=minutes))


def test_entries_are_sentences_without_names(client_for, officer, alice):
    page = plain(client_for(officer).get(ADDRESS))

    assert "A person said yes to the purpose “scoring” (version 1) for one source." in page
    assert str(alice.pk)[:8] in page
    assert "Alice" not in page


def test_who_may_not_read_it_is_refused(client_for, bob):
    assert client_for(bob).get(ADDRESS).status_code == 403


def test_pages_go_on_where_the_last_one_ended(client_for, officer, bob, now):
    _fill(bob, 53, now)
    first = client_for(officer).get(ADDRESS).context

    second = client_for(officer).get(ADDRESS, {"before": first["older"]}).context

    seen = [entry.pk for entry in first["entries"] + second["entries"]]
    assert seen == list(Entry.objects.order_by("-pk").values_list("pk", flat=True))
    assert (first["count"], second["count"], second["older"]) == (53, 53, None)


def test_filter_shows_and_counts_its_kind_alone(client_for, officer, alice, bob, now):
    _fill(bob, 2, now)

    context = client_for(officer).get(ADDRESS, {"event": "consent.stayed_out"}).context

    assert {entry.event for entry in context["entries"]} == {"consent.stayed_out"}
    assert context["count"] == 2


def test_empty_ledger_says_so(client_for, officer):
    assert "Nothing has happened yet." in plain(client_for(officer).get(ADDRESS))


def test_unknown_kind_shows_the_way_back(client_for, officer, alice):
    assert "Show all entries" in plain(client_for(officer).get(ADDRESS, {"event": "no.such"}))


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, ""])
def test_broken_place_is_not_found(client_for, officer, before):
    assert client_for(officer).get(ADDRESS, {"before": before}).status_code == 404


def test_page_asks_as_often_for_three_entries_as_for_one(client_for, officer, bob, now):
    client = client_for(officer)
    _fill(bob, 1, now)
    with CaptureQueriesContext(connection) as one:
        client.get(ADDRESS)

    _fill(bob, 2, now + timedelta(hours=1))

    with CaptureQueriesContext(connection) as three:
        client.get(ADDRESS)
    assert len(three) == len(one)
