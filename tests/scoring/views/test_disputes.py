"""Saying that a number is wrong, and answering it, on pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from consent.models import DataUsePerson, Obligation, OpenGrant
from scoring.domain.disputes import open_dispute
from scoring.models import Dispute, Exclusion, WeekCount
from tests.browsing import plain
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.scoring.conftest import MONDAY


def the_dispute():
    return everyones(Dispute).get()


def left_out(person):
    return sorted(everyones(Exclusion).filter(person=person).values_list("kind", "week"))


def test_person_says_it_on_a_page_and_reads_the_answer_there(client_for, alice, counts, steward):
    mine, theirs = client_for(alice), client_for(steward)
    address = "/me/disputes/new/?week=2026-11-16&kind=1"
    assert '<td class="number">7</td>' in plain(mine.get(address))
    assert mine.post(address, {"text": " "}).status_code == 422
    page = mine.post(address, {"text": "I was on leave.", "is_left_out": "on"}, follow=True)
    promise = Obligation.objects.get()
    assert promise.reference in plain(page)
    assert left_out(alice) == [(1, MONDAY)]

    assert promise.reference in plain(theirs.get("/manage/disputes/"))
    assert "I was on leave." in plain(theirs.get(f"/manage/disputes/{promise.pk}/"))
    assert theirs.post(f"/manage/disputes/{promise.pk}/", {"outcome": "upheld"}).status_code == 422
    theirs.post(f"/manage/disputes/{promise.pk}/", {"outcome": "upheld", "answer": "You were."})
    assert "You were." in plain(mine.get(f"/me/disputes/{the_dispute().pk}/"))
    assert theirs.get(f"/manage/disputes/{promise.pk}/").status_code == 404


def test_list_of_stewards_names_nobody_and_reads_nothing(client_for, said, alice, steward):
    page = plain(client_for(steward).get("/manage/disputes/"))
    assert (said.reference in page, "Alice" in page, "on leave" in page) == (True, False, False)
    assert not everyones(DataUsePerson).filter(use__by=steward.pk).exists()


def test_dispute_of_another_is_not_found(client_for, said, bob):
    assert client_for(bob).get(f"/me/disputes/{the_dispute().pk}/").status_code == 404


@pytest.mark.parametrize("query", ["", "?week=yesterday", "?kind=9", "?kind=x", "?source=x", "?week=2026-11-16&kind=x"])
def test_address_that_names_nothing_leads_nowhere(client_for, alice, counts, query):
    client = client_for(alice)
    assert client.get(f"/me/disputes/new/{query}").status_code == 404
    assert client.post(f"/me/disputes/new/{query}", {"text": "Wrong."}).status_code == 404


@pytest.mark.parametrize("whole", ["kinds/1", "sources/{source}"])
def test_whole_kind_or_source_is_left_out_on_the_page(client_for, alice, counts, slack, whole):
    client = client_for(alice)
    address = f"/me/weeks/{whole.format(source=slack.pk)}"
    client.post(f"{address}/exclude/")
    assert (1, MONDAY) in left_out(alice)
    assert plain(client.get("/me/weeks/")).count("Count again") >= 3
    client.post(f"{address}/include/")
    assert left_out(alice) == []


def queries_of(client, address) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_lists_ask_as_often_for_three_as_for_one(client_for, said, alice, steward, now):
    mine, theirs = client_for(alice), client_for(steward)
    one = queries_of(mine, "/me/disputes/"), queries_of(theirs, "/manage/disputes/")
    for which in ({"kind": 1}, {"week": MONDAY}):
        open_dispute(alice, text="Wrong.", is_left_out=False, at=now, **which)
    assert (queries_of(mine, "/me/disputes/"), queries_of(theirs, "/manage/disputes/")) == one


@pytest.fixture
def grant(alice):
    return OpenGrant.objects.get(person=alice).pk


def test_right_number_stands_beside_the_wrong_one_and_its_person_reads_both(client_for, said, alice, grant, steward):
    mine, theirs = client_for(alice), client_for(steward)
    address, told = f"/manage/disputes/{said.pk}/", {"outcome": "upheld", "answer": "You were."}
    assert f'name="right_{grant}_1_{MONDAY}"' in plain(theirs.get(address))
    assert "say what is right" in plain(theirs.post(address, told))
    assert "0 to 100,000" in plain(theirs.post(address, {**told, f"right_{grant}_1_{MONDAY}": "7"}))
    assert theirs.post(address, {**told, f"right_{grant}_1_{MONDAY}": "-2"}).status_code == 422
    assert theirs.post(address, {**told, f"right_{grant}_1_{MONDAY}": "2"}).status_code == 302

    page = plain(mine.get(f"/me/disputes/{the_dispute().pk}/"))
    assert '<del>7</del></td><td class="number">2</td>' in page
    assert '<td class="number">2</td>' in plain(mine.get("/me/weeks/"))


def test_dismissing_and_correcting_at_once_is_asked_about(client_for, said, grant, steward):
    told = {"outcome": "dismissed", "answer": "No.", f"right_{grant}_1_{MONDAY}": "2"}
    page = client_for(steward).post(f"/manage/disputes/{said.pk}/", told)
    assert (page.status_code, "so it is wrong" in plain(page)) == (422, True)
    assert not the_dispute().outcome


def test_all_of_it_is_said_to_be_wrong_and_taken_out(client_for, alice, counts, steward):
    mine, theirs = client_for(alice), client_for(steward)
    assert "?whole" in plain(mine.get("/me/weeks/"))
    mine.post("/me/disputes/new/?whole", {"text": "I am somebody else."})
    told = {"outcome": "upheld", "answer": "Mixed up.", "takes_all_out": "on"}
    theirs.post(f"/manage/disputes/{Obligation.objects.get().pk}/", told)
    assert not everyones(WeekCount).exists()


def test_answer_is_not_accepted_on_a_page_and_another_steward_reads_why(client_for, said, alice, steward):
    mine, theirs = client_for(alice), client_for(steward)
    theirs.post(f"/manage/disputes/{said.pk}/", {"outcome": "dismissed", "answer": "It is right."})
    first = the_dispute()
    appeal = f"/me/disputes/{first.pk}/appeal/"
    assert appeal in plain(mine.get(f"/me/disputes/{first.pk}/"))
    assert mine.post(appeal, {"text": ""}).status_code == 422
    assert "Another steward looks at it" in plain(mine.post(appeal, {"text": "It is not."}, follow=True))
    assert appeal not in plain(mine.get(f"/me/disputes/{first.pk}/"))
    assert mine.post(appeal, {"text": "It is not."}).status_code == 409

    second = Obligation.objects.exclude(pk=said.pk).get()
    assert theirs.get(f"/manage/disputes/{second.pk}/").status_code == 403
    another = client_for(PersonFactory(roles=[Role.STEWARD]))
    page = plain(another.get(f"/manage/disputes/{second.pk}/"))
    assert all(words in page for words in ("I was on leave.", "It is right.", "It is not."))


def test_nobody_appeals_for_another(client_for, said, bob):
    assert client_for(bob).get(f"/me/disputes/{the_dispute().pk}/appeal/").status_code == 404
