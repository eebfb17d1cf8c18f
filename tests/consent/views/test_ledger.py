"""The officer's list: a search, sentences by day, opaque ids, names on record alone, and an honest number."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.audit.models import Entry
from consent.domain import ledger_pages
from consent.domain.choices import stay_out
from consent.models import DataUse
from tests.browsing import plain
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory

ADDRESS = "/compliance/ledger/"


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", roles=[Role.OFFICER])


def _fill(person, number, at):
    for minutes in range(number):
        stay_out(person, at=at + timedelta(minutes=minutes))


def _shown(page):
    return [line.entry.pk for day in page.context["page"].days for line in day.lines]


def test_entries_are_sentences_without_names(client_for, officer, alice):
    page = plain(client_for(officer).get(ADDRESS))

    assert "A person said yes to the purpose “scoring” (version 1) for one source." in page
    assert str(alice.pk)[:8] in page
    assert "Alice" not in page
    assert DataUse.objects.count() == 0


@pytest.mark.parametrize("path", ["", "1/", "write/", "searches/", "searches/1/"])
def test_who_may_not_read_it_is_refused(client_for, bob, path):
    assert client_for(bob).get(ADDRESS + path).status_code == 403


def test_pages_go_on_where_the_last_one_ended(client_for, officer, bob, now):
    _fill(bob, 53, now)
    first = client_for(officer).get(ADDRESS)

    second = client_for(officer).get(ADDRESS, {"before": first.context["page"].older})

    assert _shown(first) + _shown(second) == list(Entry.objects.order_by("-pk").values_list("pk", flat=True))
    assert (first.context["page"].count, second.context["page"].older) == (53, None)


def test_entries_of_one_instant_fall_on_one_page_each(client_for, officer, bob, now):
    for _ in range(53):
        stay_out(bob, at=now)
    first = client_for(officer).get(ADDRESS)

    second = client_for(officer).get(ADDRESS, {"before": first.context["page"].older})

    assert (len(_shown(first)), len(_shown(second))) == (50, 3)
    assert set(_shown(first)).isdisjoint(_shown(second))


def test_days_stand_under_their_date(client_for, officer, bob, now):
    for days in (0, 1, 1):
        stay_out(bob, at=now + timedelta(days=days))

    page = client_for(officer).get(ADDRESS)

    assert [(str(day.on), len(day.lines)) for day in page.context["page"].days] == [
        ("2026-11-19", 2),
        ("2026-11-18", 1),
    ]
    assert "Thursday 19 November 2026" in plain(page)


def test_query_stays_in_box_and_links(client_for, officer, alice, bob, now):
    _fill(bob, 51, now)

    page = plain(client_for(officer).get(ADDRESS, {"q": "event:StayedOut"}))

    assert 'name="q" value="event:StayedOut"' in page
    assert "?q=event%3AStayedOut&amp;before=" in page
    assert "51 entries found." in page


def test_number_beyond_what_is_counted_is_not_made_up(client_for, officer, bob, now, monkeypatch):
    monkeypatch.setattr(ledger_pages, "COUNTED_AT_MOST", 2)
    _fill(bob, 3, now)
    assert "More than 2 entries." in plain(client_for(officer).get(ADDRESS))


def test_query_not_understood_is_kept_and_explained(client_for, officer, alice):
    page = client_for(officer).get(ADDRESS, {"q": "event:GrantMad"})

    assert page.status_code == 422
    assert 'value="event:GrantMad"' in plain(page)
    assert "there is no such kind of entry. Write event:GrantMade or" in plain(page)
    assert "Error: " in plain(page)


def test_empty_ledger_says_so(client_for, officer):
    assert "Nothing has happened yet." in plain(client_for(officer).get(ADDRESS))


def test_query_that_finds_nothing_shows_the_way_back(client_for, officer, alice):
    assert "Show all entries" in plain(client_for(officer).get(ADDRESS, {"q": "nonsense"}))


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "", "12345"])
def test_broken_place_is_not_found(client_for, officer, before):
    assert client_for(officer).get(ADDRESS, {"before": before}).status_code == 404


@pytest.mark.parametrize("names", [{}, {"names": "on"}])
def test_page_asks_as_often_for_three_entries_as_for_one(client_for, officer, bob, now, names):
    client = client_for(officer)
    _fill(bob, 1, now)
    client.get(ADDRESS, names)
    with CaptureQueriesContext(connection) as one:
        client.get(ADDRESS, names)
    for person in PersonFactory.create_batch(3):
        stay_out(person, at=now + timedelta(hours=1))

    with CaptureQueriesContext(connection) as three:
        client.get(ADDRESS, names)

    assert len(three) == len(one)


def test_names_are_shown_once_asked_for_and_put_on_record_once(client_for, officer, alice, bob, now):
    stay_out(bob, at=now)

    page = plain(client_for(officer).get(ADDRESS, {"names": "on"}))

    assert "Alice Archer" in page
    assert "Bob Baker" in page
    use = DataUse.objects.get()
    assert (use.by, use.reason, use.purpose_version.purpose) == (
        officer.pk, "Reading names in the ledger", "compliance_review",
    )  # fmt: skip
    told = everyones(use.people.model).filter(use_id=use.pk).values_list("person_id", flat=True)
    assert {alice.pk, bob.pk} <= set(told)


def test_search_by_name_is_put_on_record_about_whom_it_found(client_for, officer, alice, bob, now):
    stay_out(bob, at=now)

    page = plain(client_for(officer).get(ADDRESS, {"q": "about:bob"}))

    assert "1 entry found." in page
    use = DataUse.objects.get()
    assert use.reason == "Searching the ledger by name"
    assert list(everyones(use.people.model).values_list("person_id", flat=True)) == [bob.pk]


def test_operator_reads_ids_and_may_not_put_names_to_them(client_for, platform, now):
    with in_schema("platform"):
        operator = PersonFactory(roles=[Role.OPERATOR])
        stay_out(operator, at=now)
    client = client_for(operator, "platform")

    page = plain(client.get(ADDRESS))

    assert str(operator.pk)[:8] in page
    assert "Show names" not in page
    assert client.get(ADDRESS, {"names": "on"}).status_code == 403


def test_filters_write_the_query(client_for, officer):
    filters = {
        "q": "scoring at:2026-01", "event": "consent.grant_made", "by": "Jane Roe", "about": "",
        "first": "2026-03-01", "last": "2026-03-31",
    }  # fmt: skip

    answer = client_for(officer).get(f"{ADDRESS}write/", filters)

    assert (answer.status_code, urlsplit(answer["Location"]).path) == (302, ADDRESS)
    assert parse_qs(urlsplit(answer["Location"]).query)["q"] == [
        'scoring event:consent.grant_made by:"Jane Roe" at:2026-03-01..2026-03-31'
    ]


def test_filter_that_is_no_date_is_explained_where_it_is_written(client_for, officer):
    page = client_for(officer).get(f"{ADDRESS}write/", {"first": "soon"}, follow=True)

    assert (page.status_code, "“at:soon..”: that is no date." in plain(page)) == (422, True)


def test_filters_leave_alone_what_they_cannot_show(client_for, officer):
    text = "event:GrantMade event:DataUsed at:2026-01 at:2026-03 -by:machine"
    filters = {"q": text, "event": "", "by": "", "about": "", "first": "", "last": ""}

    answer = client_for(officer).get(f"{ADDRESS}write/", filters)

    assert parse_qs(urlsplit(answer["Location"]).query)["q"] == [text]


def test_filters_show_what_the_query_says(client_for, officer, alice):
    filters = client_for(officer).get(ADDRESS, {"q": "event:GrantMade at:2026-11 by:machine"}).context["filters"]

    initial = {key: str(value) for key, value in filters.initial.items() if value}
    assert initial == {
        "q": "event:GrantMade at:2026-11 by:machine", "event": "consent.grant_made", "by": "machine",
        "first": "2026-11-01", "last": "2026-11-30",
    }  # fmt: skip


def test_entry_shows_sentence_json_and_that_it_is_not_sealed(client_for, officer, bob, now):
    stay_out(bob, at=now)
    entry = Entry.objects.get()

    page = plain(client_for(officer).get(f"{ADDRESS}{entry.pk}/"))

    assert "A person chose to stay out." in page
    assert f"&quot;about&quot;:&quot;{bob.pk}&quot;" in page
    assert "Not sealed yet" in page
    assert "Bob Baker" not in page


def test_entry_names_people_on_record(client_for, officer, bob, now):
    stay_out(bob, at=now)

    page = plain(client_for(officer).get(f"{ADDRESS}{Entry.objects.get().pk}/", {"names": "on"}))

    assert "Bob Baker" in page
    assert DataUse.objects.get().reason == "Reading names in the ledger"


@pytest.mark.parametrize("number", ["999", "9" * 30])
def test_unknown_entry_is_not_found(client_for, officer, number):
    assert client_for(officer).get(f"{ADDRESS}{number}/").status_code == 404


def test_entry_of_another_company_is_not_found(client_for, officer, charlie, now):
    with in_schema("globex"):
        stay_out(charlie, at=now)
        theirs = Entry.objects.get().pk

    assert client_for(officer).get(f"{ADDRESS}{theirs}/").status_code == 404
