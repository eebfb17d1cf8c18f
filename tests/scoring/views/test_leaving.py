"""Leaving: what goes, what stays, and a button for everything, each source and each purpose, two clicks from any page."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent.domain.choices import Wish, leave, take_part
from consent.models import Choice, OpenGrant, PurposeVersion
from consent.views import data
from scoring.models import Score
from tests.browsing import plain
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

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


@pytest.fixture
def carol(in_acme, slack, now):
    """Said yes to everything, for two sources."""
    carol = PersonFactory(name="Carol Clark", email="carol@acme.example")
    sources = (str(slack.pk), str(SourceFactory(name="Reviews").pk))
    versions = tuple(PurposeVersion.objects.offered().values_list("pk", flat=True))
    take_part(carol, wish=Wish(purpose_versions=versions, sources=sources, is_of_age=True), at=now)
    return carol


def _buttons(page) -> list[str]:
    return re.findall(r'<form class="post-button" method="post" action="([^"]+)"', page.content.decode())


def test_each_source_and_each_purpose_is_one_press_away(client_for, carol, slack):
    open_grants = OpenGrant.objects.filter(person=carol)

    buttons = _buttons(client_for(carol).get(ADDRESS))

    assert f"/me/grants/source/{slack.pk}/withdraw/" in buttons
    assert {b.split("/")[4] for b in buttons if "/purpose/" in b} == {grant.purpose for grant in open_grants}
    assert len(buttons) == 5


def test_second_click_takes_back_one_source_and_says_what_is_not_restored(client_for, carol, slack):
    client = client_for(carol)
    act = next(b for b in _buttons(client.get(ADDRESS)) if f"source/{slack.pk}" in b)

    page = plain(client.post(act, follow=True))

    assert not OpenGrant.objects.filter(person=carol, source=slack).exists()
    assert OpenGrant.objects.filter(person=carol).exists()
    assert "None of it is restored" in page
    assert re.search(r"A-\w{8}", page)


def test_with_one_source_and_one_purpose_there_is_one_button(client_for, alice):
    assert _buttons(client_for(alice).get(ADDRESS)) == []


def test_page_asks_as_often_for_two_sources_as_for_one(client_for, alice, carol):
    numbers = []
    for person in (alice, carol):
        client = client_for(person)
        client.get(ADDRESS)
        with CaptureQueriesContext(connection) as queries:
            client.get(ADDRESS)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_coming_back_works_at_once_and_says_what_is_not_restored(client_for, alice, slack, now):
    leave(alice, at=now)
    wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(slack.pk,), is_of_age=True)
    again = take_part(alice, wish=wish, at=now + timedelta(seconds=1))

    page = plain(client_for(alice).get(f"/me/choices/{again.reference}/"))

    assert "What you took back before is not restored" in page
    assert OpenGrant.objects.filter(person=alice).count() == 1


def test_first_yes_speaks_of_nothing_that_was_lost(client_for, alice):
    first = Choice.objects.get(person=alice)
    assert "not restored" not in plain(client_for(alice).get(f"/me/choices/{first.reference}/"))


WAY_OUT = 'class="masthead__leave" href="/me/leave/"'


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/me/account/", 200),
        ("get", "/manage/sources/", 403),
        ("get", "/me/nothing/", 404),
        ("post", "/me/take-part/", 422),
        ("post", "/me/take-part/confirm/", 409),
        ("get", "/accounts/password/change/", 200),
    ],
)
def test_way_out_stands_in_the_header_of_refusals_and_errors_too(client_for, alice, method, address, status):
    page = getattr(client_for(alice), method)(address)
    assert (page.status_code, WAY_OUT in plain(page)) == (status, True)


def test_way_out_stands_on_the_page_of_a_form_that_was_not_safe(client_for, alice):
    client = client_for(alice)
    client.handler.enforce_csrf_checks = True
    page = client.post(ADDRESS)
    assert (page.status_code, WAY_OUT in plain(page)) == (403, True)


def test_way_out_stands_where_something_broke(client_for, alice, monkeypatch):
    monkeypatch.setattr(data, "data_map", lambda: 1 / 0)
    client = client_for(alice)
    client.raise_request_exception = False
    page = client.get("/me/data/")
    assert (page.status_code, 'href="/me/leave/"' in plain(page)) == (500, True)


def test_who_has_nothing_to_leave_sees_no_way_out(client_for, bob):
    assert "masthead__leave" not in plain(client_for(bob).get("/me/"))
