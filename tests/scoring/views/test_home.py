"""The first page: am I in, what is it, why, and the way in or out."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.audit.models import Entry
from consent.domain.choices import leave, stay_out
from consent.models import OpenGrant
from scoring.domain.runs import last_full_week
from scoring.models import Pause, WeekCount
from tests.browsing import plain
from tests.everyones import everyones

HOME = "/me/"


def test_who_was_not_asked_gets_two_equal_buttons(client_for, bob):
    page = plain(client_for(bob).get(HOME))

    pair = re.search(r'<div class="equal-pair">(.*?)</div>', page).group(1)
    assert "You are not scored." in page
    assert re.findall(r'class="(button[^"]*)"', pair) == ["button button--primary", "button button--primary"]
    assert re.findall(r"<span>([^<]*)</span>", pair) == ["Take part", "Stay out"]


@pytest.mark.parametrize("no", [stay_out, leave])
def test_who_said_no_is_not_asked_again(client_for, alice, bob, no, now):
    person = alice if no is leave else bob
    choice = no(person, at=now)

    page = plain(client_for(person).get(HOME))

    assert "You are not scored." in page
    assert 'class="equal-pair"' not in page
    assert choice.reference in page
    assert 'href="/me/take-part/"' in page


def test_who_takes_part_sees_since_when_and_which_sources(client_for, alice):
    page = plain(client_for(alice).get(HOME))

    assert "You take part." in page
    assert "Since 17 November 2026, with <strong>Slack</strong>" in page


def test_score_its_change_and_its_reasons_stand_on_the_home(client_for, alice, make_score):
    make_score(alice, {1: 1000, 3: 200}, weeks_ago=1)
    make_score(alice, {1: 900, 3: 450})

    page = plain(client_for(alice).get(HOME))

    assert "13.50" in page
    assert "+1.50" in page
    assert "As of the week of 16 November 2026" in page
    assert "<strong>9.00 points</strong> for people you answered" in page


def test_pausing_and_going_on_need_one_click_each(client_for, alice):
    client = client_for(alice)

    assert "You take part, and you pause." in plain(client.post("/me/pause/", follow=True))
    assert "You take part." in plain(client.post("/me/resume/", follow=True))
    assert [entry.event for entry in Entry.objects.filter(about=alice.pk, event__startswith="scoring.").order_by("pk")][
        -2:
    ] == [
        "scoring.pause_begun",
        "scoring.pause_ended",
    ]


def test_pausing_twice_is_pausing_once(client_for, alice):
    client = client_for(alice)
    client.post("/me/pause/")
    client.post("/me/pause/")

    assert everyones(Pause).filter(person=alice).count() == 1


def test_who_takes_no_part_cannot_pause(client_for, bob):
    page = client_for(bob).post("/me/pause/")

    assert page.status_code == 409
    assert "nothing to pause" in plain(page)


@pytest.mark.parametrize("act", ["pause", "resume"])
def test_pausing_is_a_post(client_for, alice, act):
    assert client_for(alice).get(f"/me/{act}/").status_code == 405


def test_way_out_stands_on_the_home(client_for, alice):
    assert 'class="button button--secondary" href="/me/leave/"' in plain(client_for(alice).get(HOME))


def test_page_asks_as_often_for_three_scores_as_for_two(client_for, alice, make_score):
    client = client_for(alice)
    make_score(alice, {1: 900}, weeks_ago=2)
    make_score(alice, {1: 900, 2: 300}, weeks_ago=1)
    with CaptureQueriesContext(connection) as two:
        client.get(HOME)

    make_score(alice, {1: 900, 2: 300, 3: 400})

    with CaptureQueriesContext(connection) as three:
        client.get(HOME)
    assert len(three) == len(two)


def test_too_little_for_a_score_says_how_much_there_is(client_for, alice):
    page = plain(client_for(alice).get(HOME))

    assert "Not enough yet for a score." in page
    assert "0.0 of 3 weighed colleagues." in page


def test_enough_for_a_score_says_when_it_comes(client_for, alice):
    grant = OpenGrant.objects.get(person=alice)
    everyones(WeekCount).create(person=alice, grant=grant, kind=1, week=last_full_week(timezone.now()), colleagues=90)

    assert "Your next score comes tonight." in plain(client_for(alice).get(HOME))
