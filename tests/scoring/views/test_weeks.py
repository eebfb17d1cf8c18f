"""All that is kept of a person, and leaving some of it out."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent.audit.models import Entry
from consent.models import OpenGrant
from scoring.models import Exclusion, StaleScore, WeekCount
from scoring.states import Kind
from tests.browsing import plain
from tests.everyones import everyones

ADDRESS = "/me/weeks/"
MONDAY = date(2026, 11, 16)


@pytest.fixture
def count(in_acme):
    """Insert what was counted of a person in a kind and week."""

    def insert(person, kind=Kind.ANSWERED, *, weeks_ago=0, colleagues=7):
        return everyones(WeekCount).create(
            person=person, grant=OpenGrant.objects.get(person=person), kind=kind,
            week=MONDAY - timedelta(weeks=weeks_ago), colleagues=colleagues,
        )  # fmt: skip

    return insert


def _left_out(person):
    return sorted(everyones(Exclusion).filter(person=person).values_list("week", "kind"))


def test_page_tells_every_number_that_is_kept(client_for, alice, count):
    count(alice, Kind.ANSWERED, colleagues=37)

    page = plain(client_for(alice).get(ADDRESS))

    assert "Week of 16 November 2026" in page
    assert "People you answered" in page
    assert '<td class="number">37</td>' in page


def test_one_number_can_be_left_out_and_counted_again(client_for, alice, count):
    row = count(alice)
    count(alice, Kind.REVIEWED)
    client = client_for(alice)

    client.post(f"/me/weeks/2026-11-16/{row.grant_id}/1/exclude/")
    assert _left_out(alice) == [(MONDAY, Kind.ANSWERED)]
    assert "Count again" in plain(client.get(ADDRESS))

    client.post(f"/me/weeks/2026-11-16/{row.grant_id}/1/include/")
    assert _left_out(alice) == []


def test_whole_week_can_be_left_out_and_counted_again(client_for, alice, count):
    count(alice)
    count(alice, Kind.REVIEWED)
    count(alice, weeks_ago=1)
    client = client_for(alice)

    client.post("/me/weeks/2026-11-16/exclude/")
    assert _left_out(alice) == [(MONDAY, Kind.ANSWERED), (MONDAY, Kind.REVIEWED)]
    assert "Count the whole week again" in plain(client.get(ADDRESS))

    client.post("/me/weeks/2026-11-16/include/")
    assert _left_out(alice) == []


def test_leaving_out_marks_the_score_stale_and_is_recorded(client_for, alice, count):
    count(alice)

    client_for(alice).post("/me/weeks/2026-11-16/exclude/")

    assert everyones(StaleScore).filter(person=alice).count() == 1
    assert Entry.objects.get(event="scoring.counts_excluded").payload == {"week": "2026-11-16", "counts": 1}


def test_leaving_out_returns_to_the_same_page(client_for, alice, count):
    count(alice)

    assert (
        client_for(alice).post("/me/weeks/2026-11-16/exclude/", {"page": "2"}).headers["Location"]
        == "/me/weeks/?page=2"
    )


@pytest.mark.parametrize(
    "which", ["2026-11-16/exclude", "2026-02-31/exclude", "1999-01-04/exclude", "2026-11-16/1/1/exclude"]
)
def test_what_is_not_kept_cannot_be_left_out(client_for, bob, alice, count, which):
    count(alice)

    assert client_for(bob).post(f"/me/weeks/{which}/").status_code == 404
    assert not everyones(Exclusion).exists()


def test_leaving_out_is_a_post(client_for, alice):
    assert client_for(alice).get("/me/weeks/2026-11-16/exclude/").status_code == 405


def test_pages_go_by_weeks(client_for, alice, count):
    for weeks_ago in range(5):
        count(alice, weeks_ago=weeks_ago)

    second = client_for(alice).get(ADDRESS, {"page": "2"})

    assert [week.monday for week in second.context["weeks"]] == [MONDAY - timedelta(weeks=4)]


def test_empty_page_says_why(client_for, alice, bob):
    assert "No weeks yet." in plain(client_for(alice).get(ADDRESS))
    assert "Nothing is kept of you." in plain(client_for(bob).get(ADDRESS))


def test_page_asks_as_often_for_three_weeks_as_for_one(client_for, alice, count):
    client = client_for(alice)
    count(alice)
    with CaptureQueriesContext(connection) as one:
        client.get(ADDRESS)

    count(alice, Kind.REVIEWED, weeks_ago=1)
    count(alice, weeks_ago=2)

    with CaptureQueriesContext(connection) as three:
        client.get(ADDRESS)
    assert len(three) == len(one)
