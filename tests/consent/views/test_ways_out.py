"""Leaving by the link of a mail: no sign-in, one press, and nothing that anybody could forge or misuse."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from accounts.tenants.context import in_schema
from consent.domain.choices import monday_of, stay_out
from consent.domain.ways_out import NoWayOut, person_of, ways_out
from consent.models import Choice, OpenGrant
from consent.states import ChoiceKind
from scoring.domain.runs import run_scores
from scoring.models import Score, WeekCount
from tests.browsing import plain
from tests.conftest import COMPANIES
from tests.everyones import everyones

ONE_CLICK = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}


def path_for(person, schema="acme"):
    with in_schema(schema):
        link = ways_out([person.pk])[person.pk]
    return re.fullmatch(r"http://[a-z]+\.localhost:8000(/leave/[\w-]+/)", link)[1]


@pytest.fixture
def stranger(client_for):
    """No session, and CSRF is checked as it is in earnest."""
    browser = client_for()
    browser.handler.enforce_csrf_checks = True
    return browser


@pytest.fixture
def scored(alice, now):
    """Alice has a score, worked out by a real run."""
    grant = OpenGrant.objects.get(person=alice)
    week = monday_of(now) - timedelta(weeks=1)
    everyones(WeekCount).create(person=alice, grant=grant, kind=1, week=week, colleagues=9)
    run_scores(by=None, at=now)


def open_of(person):
    return OpenGrant.objects.filter(person=person).count()


def test_opening_the_link_shows_one_button_and_does_nothing(stranger, alice):
    page = stranger.get(path_for(alice))

    assert page.status_code == 200
    assert page.content.decode().count("<button") == 1
    assert (open_of(alice), stranger.head(path_for(alice)).status_code) == (1, 200)
    assert open_of(alice) == 1


def test_the_button_leaves_without_signing_in(stranger, alice):
    page = plain(stranger.post(path_for(alice)))

    assert "You have left" in page
    assert Choice.objects.get(person=alice, kind=ChoiceKind.WITHDRAW).reference in page
    assert "cannot be brought back" in page
    assert open_of(alice) == 0


def test_mail_programs_one_click_leaves(stranger, alice):
    answer = stranger.post(path_for(alice), **ONE_CLICK)

    assert (answer.status_code, open_of(alice)) == (200, 0)


def test_scores_are_gone_in_the_same_transaction(stranger, alice, scored):
    assert everyones(Score).filter(person=alice).exists()
    stranger.post(path_for(alice), **ONE_CLICK)
    assert not everyones(Score).filter(person=alice).exists()


def test_pressed_again_it_names_the_same_reference_and_adds_nothing(stranger, alice):
    first, second = (plain(stranger.post(path_for(alice))) for _ in range(2))

    assert first == second
    assert Choice.objects.filter(person=alice, kind=ChoiceKind.WITHDRAW).count() == 1


def test_page_looks_alike_whether_or_not_somebody_takes_part(stranger, alice, bob):
    pages = {stranger.get(path_for(person)).content for person in (alice, bob)}
    assert len(pages) == 1


def test_answer_looks_alike_but_for_the_reference(stranger, alice, bob, now):
    stay_out(bob, at=now)
    told = {re.sub(r"A-\w{8}|<time.*?</time>", "", plain(stranger.post(path_for(who)))) for who in (alice, bob)}
    assert len(told) == 1


def test_link_of_an_erased_person_does_nothing(stranger, bob):
    path = path_for(bob)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_person WHERE id = %s", [bob.pk])

    assert "nothing left to leave" in plain(stranger.get(path))
    assert "nothing left to leave" in plain(stranger.post(path, **ONE_CLICK))
    assert Choice.objects.count() == 0


def test_link_of_somebody_being_erased_does_nothing(stranger, alice):
    alice.is_active = False
    alice.save(update_fields=["is_active"])
    assert "nothing left to leave" in plain(stranger.post(path_for(alice)))
    assert Choice.objects.filter(kind=ChoiceKind.WITHDRAW).count() == 0


def test_link_works_in_its_own_company_alone(alice, charlie):
    """Even for somebody who has the same opaque id in both."""
    elsewhere = Client(SERVER_NAME=COMPANIES["globex"])
    with in_schema("globex"):
        type(charlie).objects.create(id=alice.pk, email="alice@globex.example", name="Alice", joined_at=alice.joined_at)

    assert elsewhere.post(path_for(alice)).status_code == 404
    with in_schema("acme"):
        assert open_of(alice) == 1


def test_link_means_nothing_on_the_platform(alice):
    assert Client(SERVER_NAME=COMPANIES["platform"]).post(path_for(alice)).status_code == 404


@pytest.mark.parametrize("place", [0, 10, 30, -1])
def test_link_that_was_changed_in_any_place_is_none(stranger, alice, place):
    path = path_for(alice)
    token = list(path.removeprefix("/leave/").removesuffix("/"))
    token[place] = "A" if token[place] != "A" else "Q"

    answer = stranger.post(f"/leave/{''.join(token)}/")

    assert (answer.status_code, open_of(alice)) == (404, 1)
    assert "not whole" in plain(answer)


@pytest.mark.parametrize("token", ["x", "AAAA", "-", "_" * 43, "A" * 4000])
def test_nonsense_is_no_link(in_acme, token):
    with pytest.raises(NoWayOut):
        person_of(token)


def test_link_names_nobody(alice):
    link = path_for(alice).lower()
    assert [word for word in (str(alice.pk), alice.pk.hex, "alice", "acme") if word in link] == []


def test_link_outlives_a_change_of_the_secret_key(settings, alice):
    path = path_for(alice)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert person_of(path.split("/")[2]) == alice
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(NoWayOut):
        person_of(path.split("/")[2])


def test_on_the_platform_nobody_has_anything_to_leave(platform):
    with in_schema("platform"):
        assert ways_out([uuid4()]) == {}


def test_page_is_kept_by_no_cache_and_no_search_engine(stranger, alice):
    answer = stranger.get(path_for(alice))
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store, private", "noindex")
