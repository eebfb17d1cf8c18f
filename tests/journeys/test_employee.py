"""An employee says no, then yes, looks at what is kept, leaves some out, pauses, leaves, and comes back."""

import re

import pytest
from django.utils import timezone

from consent.domain.choices import monday_of
from consent.models import Choice, OpenGrant
from scoring.domain.runs import last_full_week
from scoring.models import Exclusion, Score, WeekCount
from scoring.states import Kind
from tests.browsing import client_for, plain  # noqa: F401
from tests.conftest import scoring_wording
from tests.everyones import everyones


class Walk:
    """A browser without JavaScript: it follows links and presses buttons that stand on the page, and nothing else."""

    def __init__(self, client):
        self.client = client
        self.open("/me/")

    def open(self, address):
        self._arrive(self.client.get(address, follow=True))

    def follow(self, text):
        link = re.search(rf'<a [^>]*href="([^"]+)"[^>]*>(?:\s|<[^>]*>)*{text}', self.page)
        assert link, f"no link {text!r} on {self.here}"
        self.open(link.group(1).replace("&amp;", "&"))

    def press(self, text, **answers):
        form = next((form for form in re.findall(r"<form.*?</form>", self.page) if f"<span>{text}<" in form), None)
        assert form, f"no button {text!r} on {self.here}"
        action = re.search(r'<form[^>]*action="([^"]+)"', form)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        self._arrive(self.client.post(action.group(1) if action else self.here, hidden | answers, follow=True))

    def _arrive(self, response):
        self.here, self.page = response.request["PATH_INFO"], plain(response)


@pytest.fixture
def walk(client_for, bob, slack):  # noqa: F811
    return Walk(client_for(bob))


@pytest.fixture
def answers(slack):
    return {"purpose_versions": scoring_wording().pk, "sources": slack.pk, "weeks_back": 26, "is_of_age": "on"}


def test_saying_no_first_and_yes_later(walk, bob, answers):
    walk.press("Stay out")
    assert "You stay out" in walk.page

    walk.open("/me/")
    assert "nobody will ask again" in walk.page

    walk.follow("you can take part")
    walk.press("Check your answers", **answers)
    walk.press("Confirm and take part")
    assert "You take part" in walk.page
    assert Choice.objects.latest("made_at").reference in walk.page
    assert OpenGrant.objects.filter(person=bob).count() == 1


def test_changing_an_answer_before_confirming(walk, bob, answers):
    walk.follow("Take part")
    walk.press("Check your answers", **answers)
    assert "From 26 weeks back" in walk.page

    walk.follow("Change<span")
    walk.press("Check your answers", **(answers | {"weeks_back": 4}))
    walk.press("Confirm and take part")

    weeks = (monday_of(timezone.now()) - OpenGrant.objects.get(person=bob).counts_from).days // 7
    assert weeks == 4


def test_looking_leaving_out_and_pausing(walk, bob, answers):
    walk.follow("Take part")
    walk.press("Check your answers", **answers)
    walk.press("Confirm and take part")
    everyones(WeekCount).create(
        person=bob,
        grant=OpenGrant.objects.get(person=bob),
        kind=Kind.ANSWERED,
        week=last_full_week(timezone.now()),
        colleagues=2,
    )

    walk.open("/me/")
    assert "2.0 of 3 weighed colleagues" in walk.page

    walk.follow("My weeks")
    walk.press("Exclude")
    assert "Count again" in walk.page
    assert everyones(Exclusion).filter(person=bob).count() == 1

    walk.follow("Home")
    assert "0.0 of 3 weighed colleagues" in walk.page
    walk.press("Pause")
    assert "You take part, and you pause." in walk.page


def test_leaving_in_two_clicks_and_coming_back_at_once(walk, bob, answers):
    walk.follow("Take part")
    walk.press("Check your answers", **answers)
    walk.press("Confirm and take part")
    walk.open("/me/")

    walk.follow("Leave")
    walk.press("Leave now")

    assert "You have left" in walk.page
    assert not OpenGrant.objects.filter(person=bob).exists()
    assert not everyones(Score).filter(person=bob).exists()

    walk.follow("Back to your home")
    assert "You are not scored." in walk.page
    walk.follow("you can take part")
    walk.press("Check your answers", **answers)
    walk.press("Confirm and take part")
    assert OpenGrant.objects.filter(person=bob).count() == 1
