"""Why a score is what it is, and what changed."""

import re
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tenants.context import in_schema
from tests.browsing import plain

ADDRESS = "/me/score/"


def _tables(page):
    """The numbers of each waterfall: its parts, and what its last line says they make."""
    for table in re.findall(r'<table class="waterfall">(.*?)</table>', plain(page)):
        *parts, total = [
            Decimal(number.replace("−", "-").replace("+", ""))
            for number in re.findall(r'<td class="number">([^<]+)</td>', table)
        ]
        yield sum(parts), total


def test_parts_shown_add_up_to_the_score_shown(client_for, alice, make_score):
    make_score(alice, {1: 933, 4: 512, 8: 601})

    page = client_for(alice).get(ADDRESS)

    assert list(_tables(page)) == [(Decimal("20.46"), Decimal("20.46"))]


def test_changes_shown_add_up_to_the_difference(client_for, alice, make_score):
    make_score(alice, {1: 933, 4: 512}, weeks_ago=1)
    make_score(alice, {1: 733, 8: 601})

    page = client_for(alice).get(ADDRESS)

    assert list(_tables(page))[1] == (Decimal("-1.11"), Decimal("-1.11"))
    assert "it was 14.45" in plain(page)


def test_each_part_says_how_half_of_its_points_come(client_for, alice, make_score):
    make_score(alice, {1: 933})

    words = "5.2 weighed colleagues; half of the 20 points come at 40, or about 6.0 every week."
    assert words in plain(client_for(alice).get(ADDRESS))


def test_first_score_has_nothing_to_compare_with(client_for, alice, make_score):
    make_score(alice, {1: 933})

    assert "There was none last time." in plain(client_for(alice).get(ADDRESS))


def test_same_score_again_says_that_nothing_changed(client_for, alice, make_score):
    make_score(alice, {1: 933}, weeks_ago=1)
    make_score(alice, {1: 933})

    assert "Nothing: every part is as it was." in plain(client_for(alice).get(ADDRESS))


def test_history_has_the_last_score_of_each_week(client_for, alice, make_score):
    make_score(alice, {1: 900}, weeks_ago=1)
    make_score(alice, {1: 800})
    make_score(alice, {1: 950})

    history = client_for(alice).get(ADDRESS).context["history"]

    assert [value for _, value in history] == [Decimal(9), Decimal("9.5")]


def test_pages_with_a_score_say_what_it_must_never_be_used_for(client_for, alice, make_score):
    make_score(alice, {1: 933})
    client = client_for(alice)

    for address in (ADDRESS, "/me/"):
        assert "must never be used for pay, rating or dismissal" in plain(client.get(address))


def test_nobody_sees_the_score_of_another(client_for, alice, bob, charlie, make_score):
    make_score(alice, {1: 4321})

    assert "43.21" in plain(client_for(alice).get(ADDRESS))
    assert "43.21" not in plain(client_for(bob).get(ADDRESS))
    with in_schema("globex"):
        assert "43.21" not in plain(client_for(charlie, "globex").get(ADDRESS))


def test_page_without_a_score_leads_home(client_for, alice):
    assert "There is no score of you" in plain(client_for(alice).get(ADDRESS))


def test_run_that_found_too_little_leaves_a_gap_and_no_score(client_for, alice, make_score):
    make_score(alice, {1: 900}, weeks_ago=1)
    make_score(alice, {})

    assert "There is no score of you" in plain(client_for(alice).get(ADDRESS))

    make_score(alice, {1: 950}, weeks_ago=-1)
    page = client_for(alice).get(ADDRESS)
    assert [value for _, value in page.context["history"]] == [Decimal(9), None, Decimal("9.5")]
    assert "There was none last time." in plain(page)


def test_page_asks_as_often_for_three_scores_as_for_two(client_for, alice, make_score):
    client = client_for(alice)
    make_score(alice, {1: 900}, weeks_ago=2)
    make_score(alice, {1: 900, 2: 300}, weeks_ago=1)
    with CaptureQueriesContext(connection) as two:
        client.get(ADDRESS)

    make_score(alice, {1: 900, 2: 300, 3: 400})

    with CaptureQueriesContext(connection) as three:
        client.get(ADDRESS)
    assert len(three) == len(two)


def test_model_card_is_open_to_those_who_are_not_scored(client_for, bob):
    page = plain(client_for(bob).get("/me/model/"))

    assert "It must never be used for pay, rating or dismissal" in page
    assert "People whose work you reviewed" in page
