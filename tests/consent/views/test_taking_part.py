"""Choosing, checking, confirming: nothing counts before the last click, and nothing is ticked for anybody."""

import re

import pytest

from consent.audit.models import Entry
from consent.domain.choices import Wish
from consent.domain.sources import retire_source
from consent.forms import seal_answers
from consent.models import Choice, Grant, OpenGrant, PurposeVersion
from consent.states import ChoiceKind
from tests.browsing import plain
from tests.conftest import scoring_wording

CHOOSE, CHECK, CONFIRM = "/me/take-part/", "/me/take-part/check/", "/me/take-part/confirm/"


@pytest.fixture
def answers(slack):
    return {
        "purpose_versions": [scoring_wording().pk],
        "sources": [str(slack.pk)],
        "weeks_back": "0",
        "is_of_age": "on",
    }


@pytest.fixture
def sealed(bob, slack):
    wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(str(slack.pk),), weeks_back=4, is_of_age=True)
    return seal_answers(bob, wish)


@pytest.fixture
def reworded(owner_connection):
    """The scoring purpose has just been worded anew, for everyone who still has the old page open."""
    owner_connection.execute("UPDATE acme.consent_purposeversion SET is_current = false WHERE purpose = 'scoring'")
    yield
    owner_connection.execute("UPDATE acme.consent_purposeversion SET is_current = true WHERE purpose = 'scoring'")


def test_everything_begins_unticked(client_for, bob, slack):
    page = client_for(bob).get(CHOOSE)

    assert re.findall(r'name="(\w+)" value="[^"]*"[^>]* checked', page.content.decode()) == ["weeks_back"]


def test_every_purpose_is_shown_in_its_full_wording(client_for, bob, slack):
    page = client_for(bob).get(CHOOSE)

    assert PurposeVersion.objects.offered().count() == 3
    assert all(version.text in plain(page) for version in PurposeVersion.objects.offered())


def test_good_answers_lead_to_the_check_page_and_open_nothing(client_for, bob, answers):
    page = client_for(bob).post(CHOOSE, answers, follow=True)

    assert page.redirect_chain[0][0].startswith(CHECK)
    assert scoring_wording().text in plain(page)
    assert "Pay, rating or dismissal" in plain(page)
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("purpose_versions", "Tick at least the first purpose, or stay out."),
        ("sources", "Choose at least one source, or stay out."),
        ("weeks_back", "Say from when on your weeks count."),
        ("is_of_age", "Confirm that you are 18 or older. Nobody younger is scored."),
    ],
)
def test_missing_answer_gets_its_sentence(client_for, bob, answers, missing, sentence):
    del answers[missing]

    page = client_for(bob).post(CHOOSE, answers)

    assert page.status_code == 422
    assert sentence in plain(page)
    assert "<title>Error: " in page.content.decode()


def test_invalid_answers_keep_what_was_ticked(client_for, bob, answers, slack):
    del answers["is_of_age"]

    page = client_for(bob).post(CHOOSE, answers)

    assert f'value="{slack.pk}" id="id_sources_0" checked' in " ".join(page.content.decode().split())


def test_other_purposes_need_the_first(client_for, bob, answers):
    answers["purpose_versions"] = [PurposeVersion.objects.offered().get(purpose="perks").pk]

    page = client_for(bob).post(CHOOSE, answers)

    assert page.status_code == 422
    assert "Tick the first purpose" in plain(page)


def test_cancelling_leads_home(client_for, bob, slack, sealed):
    client = client_for(bob)

    for address in (CHOOSE, f"{CHECK}?answers={sealed}"):
        assert '<a class="button button--quiet" href="/me/">' in plain(client.get(address))


def test_change_link_brings_the_answers_back(client_for, bob, sealed, slack):
    page = client_for(bob).get(CHOOSE, {"answers": sealed})

    assert f'value="{slack.pk}" id="id_sources_0" checked' in " ".join(page.content.decode().split())


def test_answers_signed_for_another_person_are_refused(client_for, alice, sealed):
    page = client_for(alice).get(CHECK, {"answers": sealed})

    assert page.status_code == 409
    assert "Nothing was agreed to" in plain(page)


def test_ticks_in_the_address_tick_nothing(client_for, bob, answers):
    page = client_for(bob).get(CHOOSE, answers)

    assert f'value="{answers["sources"][0]}" id="id_sources_0" checked' not in page.content.decode()


def test_confirming_opens_the_grant_and_gives_a_reference(client_for, bob, sealed):
    page = client_for(bob).post(CONFIRM, {"answers": sealed}, follow=True)

    choice = Choice.objects.get(person=bob, kind=ChoiceKind.TAKE_PART)
    assert page.redirect_chain == [(f"/me/choices/{choice.reference}/", 302)]
    assert choice.reference in plain(page)
    assert OpenGrant.objects.filter(person=bob).count() == 1


def test_confirming_the_same_answers_twice_opens_nothing_twice(client_for, bob, sealed):
    client = client_for(bob)
    client.post(CONFIRM, {"answers": sealed})

    page = client.post(CONFIRM, {"answers": sealed}, follow=True)

    assert "nothing changed" in plain(page)
    assert Grant.objects.filter(person=bob).count() == 1


def test_stale_wording_is_refused_and_the_refusal_recorded(client_for, bob, sealed, reworded):
    page = client_for(bob).post(CONFIRM, {"answers": sealed})

    entry = Entry.objects.get(event="consent.grant_refused")
    assert page.status_code == 409
    assert "The wording of a purpose has changed since this page was shown." in plain(page)
    assert (entry.by, entry.about, entry.payload) == (bob.pk, bob.pk, {"reason": "the wording or a source had changed"})


def test_stale_wording_is_found_when_choosing_already(client_for, bob, answers, reworded):
    page = client_for(bob).post(CHOOSE, answers)

    assert page.status_code == 422
    assert "The wording of a purpose has changed since this page was shown." in plain(page)


def test_stale_wording_is_found_when_checking(client_for, bob, sealed, reworded):
    assert client_for(bob).get(CHECK, {"answers": sealed}).status_code == 409


def test_source_retired_meanwhile_is_refused_and_the_refusal_recorded(client_for, bob, sealed, slack, now):
    retire_source(slack, by=bob, at=now)

    page = client_for(bob).post(CONFIRM, {"answers": sealed})

    assert page.status_code == 409
    assert Entry.objects.filter(event="consent.grant_refused", about=bob.pk).count() == 1
    assert not Grant.objects.exists()


def test_company_without_sources_says_so(client_for, bob):
    assert "There is nothing to take part in yet." in plain(client_for(bob).get(CHOOSE))


@pytest.mark.parametrize("address", [CONFIRM, "/me/stay-out/"])
def test_acts_are_posts(client_for, bob, address):
    assert client_for(bob).get(address).status_code == 405
