"""Both models over the same counts: figures about groups of five or more, and nothing about anybody."""

import json
from dataclasses import replace
from datetime import date, timedelta
from statistics import mean, median, variance

import pytest

from accounts.models import Team, TeamMember
from accounts.states import Role
from consent.domain.choices import Wish, take_part
from consent.models import DataUsePerson, OpenGrant, PurposeVersion
from scoring.domain import reference
from scoring.domain.model_drafts import current_model
from scoring.domain.model_numbers import Numbers
from scoring.domain.previews import gaming_figures, group_effects, make_preview, preview_of
from scoring.models import WeekCount
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

WEEK = date(2026, 11, 9)


@pytest.fixture
def steward(in_acme):
    return PersonFactory(roles=[Role.STEWARD])


@pytest.fixture
def source(in_acme):
    return SourceFactory()


@pytest.fixture
def slower(in_acme):
    return replace(Numbers.of(current_model()), half_life_days=90)


@pytest.fixture
def join(source, now):
    """Somebody who says yes to figures, or not, in a team, with so many colleagues ten weeks ago and one now."""
    wordings = {v.purpose: v.pk for v in PurposeVersion.objects.current()}

    def make(team=None, *, colleagues=20, counts_in=True):
        person = PersonFactory()
        purposes = (wordings["scoring"], wordings["team_figures"])[: 1 + counts_in]
        take_part(person, wish=Wish(purposes, (source.pk,), 26, is_of_age=True), at=now - timedelta(hours=1))
        if team:
            TeamMember.objects.create(person=person, team=team)
        grant = OpenGrant.objects.get(person=person, purpose="scoring")
        for kind, ago, number in ((1, 10, colleagues), (3, 0, 4)):
            everyones(WeekCount).create(
                person=person, grant=grant, kind=kind, week=WEEK - timedelta(weeks=ago), colleagues=number
            )
        return person

    return make


def figures_of(numbers, steward, now):
    make_preview(numbers, by=steward, at=now)
    return preview_of(numbers).figures


def points(numbers, colleagues):
    counts = [reference.Count(1, WEEK - timedelta(weeks=10), colleagues), reference.Count(3, WEEK, 4)]
    return sum(part.points for part in reference.score(counts, [], numbers.as_reference(), WEEK)) / 100


def test_figures_are_those_of_the_plain_program(join, slower, steward, now):
    bakers, cooks = (Team.objects.create(name=name, made_at=now) for name in ("Bakers", "Cooks"))
    numbers = {bakers: [10, 20, 30, 40, 50], cooks: [60, 70, 80, 90, 100, 110]}
    [join(team, colleagues=n) for team, those in numbers.items() for n in those]
    current = Numbers.of(current_model())
    told = figures_of(slower, steward, now)

    before, after = ({t.name: [points(m, n) for n in those] for t, those in numbers.items()} for m in (current, slower))
    everybody = [score for those in after.values() for score in those]
    (first, _), effects = told["groups"], group_effects(told, "after")
    assert (told["people"], told["scored_after"]) == (10, 10)
    assert (first["name"], first["n"]) == ("Bakers", 5)
    assert first["mean_after"] == pytest.approx(mean(after["Bakers"]), abs=0.001)
    assert first["var_before"] == pytest.approx(variance(before["Bakers"]), abs=0.001)
    rates = [mean(score > median(everybody) for score in after[name]) for name in ("Bakers", "Cooks")]
    assert [effect.rate for effect in effects] == pytest.approx(rates, abs=0.0001)
    assert [effect.ratio for effect in effects] == pytest.approx([rates[0] / rates[1], 1], abs=0.001)
    assert effects[0].is_below_four_fifths
    pooled = ((variance(after["Bakers"]) * 4 + variance(after["Cooks"]) * 5) / 9) ** 0.5
    d = (mean(after["Bakers"]) - mean(after["Cooks"])) / pooled
    assert effects[0].difference == pytest.approx(d, abs=0.001)
    assert effects[0].low < d < effects[0].high
    assert told["rank_correlation"] == pytest.approx(1)
    assert sum(told["moves"]) <= 11


def test_who_said_no_to_figures_is_in_none_and_who_is_can_read_of_it(join, slower, steward, now):
    people = [join() for _ in range(5)]
    others = [join(counts_in=False) for _ in range(6)]
    assert figures_of(slower, steward, now)["people"] == 5
    seen = set(
        everyones(DataUsePerson)
        .filter(use__reason__startswith="Trying", is_allowed=True)
        .values_list("person_id", flat=True)
    )
    assert seen == {person.pk for person in people}
    assert not seen & {person.pk for person in others}


@pytest.mark.parametrize("number", [0, 1, 4])
def test_nothing_is_said_about_fewer_than_five(join, slower, steward, now, number):
    team = Team.objects.create(name="Bakers", made_at=now)
    [join(team) for _ in range(number)]
    told = figures_of(slower, steward, now)
    assert (told["people"], told["scored_after"], sum(told["moves"])) == (0, 0, 0)
    assert (told["groups"], told["reasons"], told["rank_correlation"]) == ([], [], None)
    assert sum(map(sum, told["distribution"])) == 0


def test_team_whose_complement_is_small_is_hidden_too(join, slower, steward, now):
    bakers, cooks = (Team.objects.create(name=name, made_at=now) for name in ("Bakers", "Cooks"))
    [join(bakers) for _ in range(6)]
    [join(cooks) for _ in range(4)]
    told = figures_of(slower, steward, now)
    assert (told["groups"], told["groups_hidden"]) == ([], True)


def test_preview_names_nobody(join, slower, steward, now):
    people = [join() for _ in range(6)]
    told = json.dumps(figures_of(slower, steward, now))
    assert not [person for person in people if str(person.pk) in told or person.email in told or person.name in told]


def test_preview_is_of_these_numbers_beside_those_in_effect(join, slower, steward, now):
    make_preview(slower, by=steward, at=now)
    assert preview_of(slower)
    assert preview_of(replace(slower, half_life_days=91)) is None


def test_rings_and_loners_are_shown_under_any_model(slower):
    told = dict(gaming_figures(slower))
    assert told["A ring of 2, half a year"] < told["A ring of 10, half a year"] < 100
