"""The page with the switch, and what everybody reads of it."""

import pytest

from accounts.states import Role
from consent.models import Proposal
from scoring.domain.live import is_on
from scoring.states import Preparation
from tests.browsing import plain
from tests.factories.accounts import PersonFactory


@pytest.fixture
def owner(in_acme):
    return PersonFactory(name="Omar Osman", roles=[Role.OWNER])


@pytest.fixture
def page(client_for, owner):
    return client_for(owner)


def test_owner_switches_off_prepares_and_proposes(page, client_for, alice, make_score, owner):
    make_score(alice, {1: 500})
    assert page.post("/manage/live/off/", {"reason": " "}).status_code == 422
    page.post("/manage/live/off/", {"reason": "A file was wrong."})
    assert not is_on()
    for address in ("/me/score/", "/me/notice/"):
        assert "A file was wrong." in plain(client_for(alice).get(address))
    assert "5.00" in plain(client_for(alice).get("/me/score/"))

    asked = {"notice_days": 0, "reason": "It is mended."}
    assert "Not yet prepared" in plain(page.post("/manage/live/propose/", asked))
    for kind in Preparation:
        assert page.post(f"/manage/live/prepare/{kind}/", {}).status_code == 422
        page.post(f"/manage/live/prepare/{kind}/", {"text": f"About {kind}.", "overseer": owner.pk})
    assert "About lawful_basis." in plain(client_for(alice).get("/me/notice/"))
    assert "Omar Osman" in plain(client_for(alice).get("/me/notice/"))

    [PersonFactory(roles=[Role.APPROVER]) for _ in range(2)]
    address = page.post("/manage/live/propose/", asked).url
    proposal = Proposal.objects.get()
    assert f"/manage/live/prepared/{proposal.pk}/" in plain(page.get(address))
    assert "About consultation." in plain(page.get(f"/manage/live/prepared/{proposal.pk}/"))
    assert "Being decided on" in plain(page.get("/manage/live/"))


@pytest.mark.parametrize("days", ["", "-1", "x", "366"])
def test_days_that_are_none_come_back_in_words(page, days):
    page.post("/manage/live/off/", {"reason": "A file was wrong."})
    answer = page.post("/manage/live/propose/", {"notice_days": days, "reason": "x"})
    assert (answer.status_code, "field__error" in plain(answer)) == (422, True)


def test_unknown_preparation_leads_nowhere(page):
    assert page.get("/manage/live/prepare/lunch/").status_code == 404


def test_run_that_is_asked_for_while_it_is_off_says_why(page, client_for):
    page.post("/manage/live/off/", {"reason": "A file was wrong."})
    steward = client_for(PersonFactory(roles=[Role.STEWARD]))
    assert steward.post("/manage/runs/recompute/").status_code in (302, 409)
