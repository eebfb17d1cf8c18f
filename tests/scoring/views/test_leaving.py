"""Leaving: what goes, what stays, one button."""

from scoring.models import Score
from tests.browsing import plain
from tests.everyones import everyones

ADDRESS = "/me/leave/"


def test_page_says_with_numbers_what_goes_and_what_stays(client_for, alice, make_score):
    make_score(alice, {1: 900}, weeks_ago=1)
    make_score(alice, {1: 900})

    page = plain(client_for(alice).get(ADDRESS))

    assert "2, all of them, with every part they were made of" in page
    assert "None are kept of you" in page
    assert "1 yes withdrawn" in page
    assert "Ledger entries" in page
    assert '<a class="button button--quiet" href="/me/">' in page


def test_one_click_leaves_and_deletes_the_scores(client_for, alice, make_score):
    make_score(alice, {1: 900})

    page = plain(client_for(alice).post(ADDRESS, follow=True))

    assert "You have left" in page
    assert "Your reference" in page
    assert not everyones(Score).filter(person=alice).exists()


def test_who_is_not_in_has_nothing_to_leave(client_for, bob):
    assert "There is nothing to leave" in plain(client_for(bob).get(ADDRESS))
