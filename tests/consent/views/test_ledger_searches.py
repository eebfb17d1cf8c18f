"""Searches that officers keep: their own to change, the others' to use when shared."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from consent.domain.ledger_searches import save_search
from consent.models import DataUse, SavedSearch
from tests.browsing import plain
from tests.factories.accounts import PersonFactory

LEDGER = "/compliance/ledger/"
ADDRESS = f"{LEDGER}searches/"


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", roles=[Role.OFFICER])


@pytest.fixture
def colleague(in_acme):
    return PersonFactory(name="Oscar Ortega", roles=[Role.OFFICER])


def _save(officer, now, name="Perks", text="purpose:perks", is_shared=False):
    return save_search(name, text=text, is_shared=is_shared, by=officer, at=now)


def test_saving_leads_back_to_what_it_finds(client_for, officer):
    answer = client_for(officer).post(ADDRESS, {"name": "Leavers", "q": "event:GrantWithdrawn"})

    search = SavedSearch.objects.get()
    assert (search.person, search.name, search.query, search.is_shared) == (
        officer, "Leavers", "event:GrantWithdrawn", False,
    )  # fmt: skip
    assert parse_qs(urlsplit(answer["Location"]).query) == {"q": ["event:GrantWithdrawn"]}


def test_people_are_kept_by_opaque_id_and_that_is_on_record(client_for, officer, bob):
    client_for(officer).post(ADDRESS, {"name": "Bob", "q": "about:bob@acme.example"})

    assert SavedSearch.objects.get().query == f"about:{bob.pk}"
    assert DataUse.objects.get().reason == "Saving a search of the ledger by name"


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"name": "", "q": "perks"}, "Give the search a name."),
        ({"name": "Perks", "q": "perks"}, "You have a search called “Perks” already."),
        ({"name": "New", "q": "at:soon"}, "“at:soon”: that is no date."),
    ],
)
def test_search_that_cannot_be_saved_says_why(client_for, officer, now, answers, sentence):
    _save(officer, now)

    page = client_for(officer).post(ADDRESS, answers)

    assert (page.status_code, sentence in plain(page)) == (422, True)
    assert SavedSearch.objects.count() == 1


def test_search_is_listed_beside_the_box(client_for, officer, now):
    _save(officer, now)
    assert f'<a href="{LEDGER}?q=purpose%3Aperks">Perks</a>' in plain(client_for(officer).get(LEDGER))


def test_search_is_seen_by_others_when_shared(client_for, officer, colleague, now):
    _save(officer, now, name="Mine alone")
    _save(officer, now, name="For all", is_shared=True)

    page = plain(client_for(colleague).get(LEDGER))

    assert "For all" in page
    assert "Mine alone" not in page


def test_own_search_is_renamed_shared_and_deleted(client_for, officer, now):
    search, client = _save(officer, now), client_for(officer)

    client.post(f"{ADDRESS}{search.pk}/", {"name": "All perks", "is_shared": "on"})
    search.refresh_from_db()
    assert (search.name, search.is_shared, search.query) == ("All perks", True, "purpose:perks")

    client.post(f"{ADDRESS}{search.pk}/delete/")
    assert SavedSearch.objects.count() == 0


def test_name_of_another_search_is_refused(client_for, officer, now):
    _save(officer, now, name="Taken")
    search = _save(officer, now)

    page = client_for(officer).post(f"{ADDRESS}{search.pk}/", {"name": "Taken"})

    assert (page.status_code, "You have a search called “Taken” already." in plain(page)) == (422, True)


@pytest.mark.parametrize("path", ["", "delete/"])
def test_shared_search_is_not_the_others_to_change(client_for, officer, colleague, now, path):
    search = _save(officer, now, is_shared=True)

    assert client_for(colleague).post(f"{ADDRESS}{search.pk}/{path}", {"name": "Mine"}).status_code == 404
    assert SavedSearch.objects.get().name == "Perks"


def test_ledger_asks_as_often_for_three_searches_as_for_one(client_for, officer, colleague, now):
    client = client_for(officer)
    _save(officer, now)
    client.get(LEDGER)
    with CaptureQueriesContext(connection) as one:
        client.get(LEDGER)
    _save(officer, now, name="Second")
    _save(colleague, now, name="Third", is_shared=True)

    with CaptureQueriesContext(connection) as three:
        client.get(LEDGER)

    assert len(three) == len(one)
