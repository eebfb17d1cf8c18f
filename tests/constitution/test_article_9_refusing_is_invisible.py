"""Article 9: refused, withdrawn, never invited and erased look the same, and no figure is about fewer than five."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.domain.teams import make_team, put_into_team
from accounts.models import Person
from accounts.states import Role
from consent.domain.choices import Wish, leave, stay_out, take_part
from consent.models import OpenGrant, PurposeVersion
from consent.states import PurposeKey
from scoring.domain.runs import last_full_week, run_scores
from scoring.models import TeamFigure, WeekCount
from scoring.states import RunScope
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

ADDRESS = "/manage/figures/"
PURPOSES = (PurposeKey.SCORING, PurposeKey.TEAM_FIGURES)


@pytest.fixture
def owner(in_acme):
    return PersonFactory(name="Omar Osman", roles=[Role.OWNER])


@pytest.fixture
def team(owner, now):
    return make_team("Harbour", by=owner, at=now)


@pytest.fixture
def join(team, owner, now):
    """Put somebody into the team: `join(colleagues=30)` takes part with a score, `join(None)` does not take part."""

    def join(colleagues=None, *, purposes=PURPOSES):
        person = PersonFactory()
        put_into_team(team, people=[person], by=owner, at=now)
        if colleagues is not None:
            say_yes(person, colleagues, now, purposes=purposes)
        return person

    return join


def say_yes(person, colleagues, now, *, purposes=PURPOSES):
    versions = PurposeVersion.objects.current().filter(purpose__in=purposes).values_list("pk", flat=True)
    take_part(person, wish=Wish(tuple(versions), (SourceFactory().pk,), 4, is_of_age=True), at=now - timedelta(hours=2))
    grant = OpenGrant.objects.get(person=person, purpose=PurposeKey.SCORING)
    everyones(WeekCount).create(person=person, grant=grant, kind=1, week=last_full_week(now), colleagues=colleagues)


def publish(now):
    run_scores(by=None, at=now, scope=RunScope.FULL)


def page_of(client):
    """The page without what differs between any two requests: the token against forged forms."""
    content = client.get(ADDRESS).content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", content)


@pytest.mark.parametrize("others", [0, 1, 4, 5, 6])
def test_figure_needs_five_people(join, now, others):
    for number in range(others):
        join(20 + number)
    publish(now)
    assert TeamFigure.objects.exists() is (others >= 5)


def test_who_said_yes_to_a_score_alone_does_not_count(join, now):
    for _ in range(4):
        join(20)
    join(20, purposes=(PurposeKey.SCORING,))
    publish(now)
    assert not TeamFigure.objects.exists()


def _never_invited(person, now):
    pass


def _refused(person, now):
    stay_out(person, at=now)


def _withdrawn(person, now):
    say_yes(person, 30, now)
    leave(person, at=now)


def _erased(person, now):
    everyones(Person).filter(pk=person.pk).delete()


@pytest.mark.parametrize("standing", [_refused, _withdrawn, _erased])
@pytest.mark.parametrize("others", [4, 5, 9])
def test_page_is_the_same_whatever_somebody_chose(client_for, owner, join, now, standing, others):
    client, quiet, colleagues = client_for(owner), join(), [join(20 + number) for number in range(others)]
    publish(now)
    before = page_of(client)

    standing(quiet, now)
    publish(now)
    assert page_of(client) == before
    assert len(colleagues) == others


def test_one_who_leaves_moves_nothing(client_for, owner, join, now):
    """Else two figures, from before and after, would give away that person's score."""
    client, leaver = client_for(owner), join(400)
    for _ in range(5):
        join(10)
    publish(now)
    before = page_of(client)
    leave(leaver, at=now)
    publish(now)
    assert page_of(client) == before


@pytest.mark.slow
@given(moves=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=5))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_figures_in_a_row_never_differ_by_a_handful(team, owner, now, moves):
    """Whatever joins and leaves between two publications: those who count differ by nobody or by five or more."""
    inside, published = [], []
    for joining, leaving in moves:
        for person in [inside.pop() for _ in range(min(leaving, len(inside)))]:
            leave(person, at=now)
        for _ in range(joining):
            person = PersonFactory()
            put_into_team(team, people=[person], by=owner, at=now)
            say_yes(person, 30, now)
            inside.append(person)
        before = TeamFigure.objects.filter(team=team).values_list("published_at", flat=True).first()
        at = now + timedelta(seconds=len(published) + 1)
        publish(at)
        if TeamFigure.objects.filter(team=team, published_at=at).exclude(published_at=before).exists():
            published.append({person.pk for person in inside})
    assert all(len(old ^ new) == 0 or len(old ^ new) >= 5 for old, new in pairwise(published))
    assert all(len(counted) >= 5 for counted in published)
    for person in inside:
        leave(person, at=now)
    everyones(TeamFigure).all().delete()


@pytest.mark.parametrize("column", ["counted", "*"])
def test_app_cannot_read_how_many_exactly(schema, run_sql, column):
    with pytest.raises(Exception, match="permission denied"):
        run_sql(f"SELECT {column} FROM scoring_teamfigure")


def test_figures_are_for_those_who_may_see_them(client_for, bob):
    assert client_for(bob).get(ADDRESS).status_code == 403
