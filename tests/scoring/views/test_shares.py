"""Who may see my score: the page of its person, and that of whom it is shown to."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.domain.data_uses import own_view
from consent.models import ScoreShare
from scoring.domain.shares import show_score
from tests.browsing import plain
from tests.factories.accounts import PersonFactory

MINE, THEIRS = "/me/score/shares/", "/me/shared/"


@pytest.fixture
def ada(in_acme, alice, make_score):
    make_score(alice, {1: 933, 4: 512, 8: 601})
    return alice


@pytest.fixture
def vera(in_acme):
    return PersonFactory(name="Vera Voss")


@pytest.fixture
def browser(client_for, ada):
    return client_for(ada)


def day(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def show(ada, to):
    at = timezone.now()
    with own_view(ada, reason="x", at=at):
        return show_score(ada, to=to, until=at + timedelta(days=3), at=at)


def test_shown_looked_at_counted_and_taken_back(browser, client_for, ada, vera):
    assert "You show it to nobody." in plain(browser.get(MINE))
    browser.post(MINE, {"to": f"person:{vera.pk}", "until": day(7)})
    assert [to for sent in mail.outbox for to in sent.to] == [vera.email]
    share = ScoreShare.objects.get()
    hers = client_for(vera)
    assert ada.name in plain(hers.get(THEIRS))
    assert "Not yet" in plain(browser.get(MINE))
    page = plain(hers.get(f"{THEIRS}{share.pk}/"))
    assert "20.46" in page
    assert "pay, rating or dismissal" in page
    assert "people you answered" not in page
    assert "Once, on" in plain(browser.get(MINE))
    assert "Vera Voss" in plain(browser.get("/me/uses/"))
    browser.post(f"{MINE}{share.pk}/end/")
    assert hers.get(f"{THEIRS}{share.pk}/").status_code == 404
    assert "Nobody shows you theirs." in plain(hers.get(THEIRS))


@pytest.mark.parametrize(
    ("days", "sentence"), [(0 - 1, "from tomorrow on"), (120, "at most 90 days away"), (None, "Choose a day.")]
)
def test_wrong_day_is_said(browser, vera, days, sentence):
    answer = browser.post(MINE, {"to": f"person:{vera.pk}", "until": day(days) if days else ""})
    assert (answer.status_code, sentence in plain(answer)) == (422, True)


def test_one_chooses_from_the_list(browser, ada):
    for to in (f"person:{ada.pk}", "person:nobody", ""):
        answer = browser.post(MINE, {"to": to, "until": day(3)})
        assert answer.status_code == 422
    assert not ScoreShare.objects.exists()


def test_twice_is_said(browser, ada, vera):
    show(ada, vera)
    answer = browser.post(MINE, {"to": f"person:{vera.pk}", "until": day(3)})
    assert (answer.status_code, "You show them your score already." in plain(answer)) == (422, True)


def test_nobody_opens_what_is_shown_to_another(client_for, ada, vera):
    share = show(ada, vera)
    assert client_for(PersonFactory()).get(f"{THEIRS}{share}/").status_code == 404


def test_pages_ask_as_often_for_three_as_for_one(browser, client_for, ada, vera):
    show(ada, vera)
    one = _queries(browser, MINE), _queries(client_for(vera), THEIRS)
    show(ada, PersonFactory())
    show(ada, PersonFactory())
    assert (_queries(browser, MINE), _queries(client_for(vera), THEIRS)) == one


def _queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)
