"""What I agreed to: found again, taken back, and nobody else's business."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.domain.choices import Wish, stay_out, take_part
from consent.models import Choice, OpenGrant, PurposeVersion
from tests.browsing import plain
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

ADDRESS = "/me/grants/"


@pytest.fixture
def carol(in_acme, slack, now):
    """Said yes to everything, for two sources."""
    carol = PersonFactory(name="Carol Clark", email="carol@acme.example")
    _say_yes(carol, [slack, SourceFactory(name="Reviews")], PurposeVersion.objects.offered(), at=now)
    return carol


def _say_yes(person, sources, versions, *, at):
    wish = Wish(
        purpose_versions=tuple(version.pk for version in versions),
        sources=tuple(str(source.pk) for source in sources),
        is_of_age=True,
    )
    return take_part(person, wish=wish, at=at)


def _open(person):
    return sorted(OpenGrant.objects.filter(person=person).values_list("purpose", "source__name"))


def test_page_tells_source_purpose_wording_and_reference(client_for, alice):
    page = plain(client_for(alice).get(ADDRESS))

    grant = OpenGrant.objects.select_related("purpose_version").get(person=alice)
    assert "Slack" in page
    assert grant.purpose_version.title in page
    assert grant.purpose_version.text in page
    assert Choice.objects.get(person=alice).reference in page


def test_page_of_somebody_who_agreed_to_nothing_says_so(client_for, bob):
    assert "You have agreed to nothing." in plain(client_for(bob).get(ADDRESS))


def test_one_grant_can_be_taken_back_alone(client_for, carol):
    perks_in_slack = OpenGrant.objects.get(person=carol, purpose="perks", source__name="Slack")

    client_for(carol).post(f"/me/grants/{perks_in_slack.pk}/withdraw/")

    assert _open(carol) == [
        ("perks", "Reviews"), ("scoring", "Reviews"), ("scoring", "Slack"), ("team_figures", "Reviews"), ("team_figures", "Slack"),
    ]  # fmt: skip


def test_taking_back_another_purpose_leaves_the_score(client_for, carol):
    page = client_for(carol).post("/me/grants/purpose/perks/withdraw/", follow=True)

    assert "Your score goes on, seen by you alone." in plain(page)


def test_confirmation_of_leaving_still_says_so_after_coming_back(client_for, alice, slack, now):
    client = client_for(alice)
    address = client.post("/me/grants/purpose/scoring/withdraw/").headers["Location"]

    _say_yes(alice, [slack], PurposeVersion.objects.offered(), at=timezone.now())

    assert "You have left" in plain(client.get(address))


def test_one_source_can_be_taken_back_with_everything_on_it(client_for, carol, slack):
    page = client_for(carol).post(f"/me/grants/source/{slack.pk}/withdraw/", follow=True)

    assert _open(carol) == [("perks", "Reviews"), ("scoring", "Reviews"), ("team_figures", "Reviews")]
    assert "You took back a yes" in plain(page)


def test_one_purpose_can_be_taken_back_everywhere(client_for, carol):
    client_for(carol).post("/me/grants/purpose/team_figures/withdraw/")

    assert _open(carol) == [("perks", "Reviews"), ("perks", "Slack"), ("scoring", "Reviews"), ("scoring", "Slack")]


def test_taking_back_the_score_takes_back_all(client_for, carol):
    page = client_for(carol).post("/me/grants/purpose/scoring/withdraw/", follow=True)

    assert _open(carol) == []
    assert "You have left" in plain(page)


def test_taking_back_twice_is_no_error(client_for, alice, slack):
    client = client_for(alice)
    client.post(f"/me/grants/source/{slack.pk}/withdraw/")

    page = client.post(f"/me/grants/source/{slack.pk}/withdraw/", follow=True)

    assert page.status_code == 200
    assert "It was closed already, so nothing changed." in plain(page)


def test_grant_of_another_person_is_not_found(client_for, alice, bob):
    grant = OpenGrant.objects.get(person=alice)

    assert client_for(bob).post(f"/me/grants/{grant.pk}/withdraw/").status_code == 404
    assert OpenGrant.objects.filter(pk=grant.pk).exists()


@pytest.mark.parametrize("which", ["grants/purpose/scoring", "grants/purpose/unheard-of", "grants/9223372036854775807"])
def test_what_was_never_granted_is_not_found(client_for, bob, which):
    assert client_for(bob).post(f"/me/{which}/withdraw/").status_code == 404


def test_taking_back_is_a_post(client_for, alice, slack):
    assert client_for(alice).get(f"/me/grants/source/{slack.pk}/withdraw/").status_code == 405


def test_confirmation_is_found_again_by_its_person_alone(client_for, alice, bob):
    address = f"/me/choices/{Choice.objects.get(person=alice).reference}/"

    assert client_for(alice).get(address).status_code == 200
    assert client_for(bob).get(address).status_code == 404


def test_staying_out_is_remembered_with_a_reference(client_for, bob):
    page = client_for(bob).post("/me/stay-out/", follow=True)

    assert "You stay out" in plain(page)
    assert Choice.objects.get(person=bob).reference in plain(page)


def test_staying_out_shows_the_way_out_to_those_who_are_in(client_for, alice):
    page = client_for(alice).post("/me/stay-out/")

    assert page.headers["Location"] == "/me/leave/"
    assert _open(alice) == [("scoring", "Slack")]


def test_page_asks_as_often_for_three_choices_and_sources_as_for_one(client_for, alice, now):
    client = client_for(alice)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(ADDRESS)

    _say_yes(alice, SourceFactory.create_batch(2), PurposeVersion.objects.offered(), at=now)
    stay_out(alice, at=now)

    with CaptureQueriesContext(connection) as three:
        client.get(ADDRESS)
    assert len(three) == len(one)
