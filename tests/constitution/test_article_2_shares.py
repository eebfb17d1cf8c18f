"""Article 2 for scores that are shown: the gate opens to whom the person named, until then, and to nobody else."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from accounts.models import TeamMember
from consent.domain.choices import leave
from consent.domain.data_uses import ReaderRefused, data_use, own_view
from consent.models import DataUse, Participation, ScoreShare
from consent.states import PurposeKey
from scoring.domain.shares import NotShared, end_share, show_score
from scoring.models import ModelVersion, Run, Score
from scoring.states import RunScope
from tests.constitution.refusals import refused
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory, TeamFactory

LATER = timedelta(days=7)


@pytest.fixture
def ada(in_acme, alice, now):
    """Somebody with a score."""
    run = Run.objects.create(
        model=ModelVersion.objects.get(is_current=True), scope=RunScope.FULL, week="2026-11-09", started_at=now,
        finished_at=now, people=1,
    )  # fmt: skip
    everyones(Score).create(
        run=run, person=alice, participation=Participation.objects.get(person=alice), value=933, kinds=[1],
        points=[933], colleagues=[5_250_000],
    )  # fmt: skip
    return alice


@pytest.fixture
def vera(in_acme):
    return PersonFactory(name="Vera Voss")


@pytest.fixture
def show(ada):
    def show(to, until=LATER):
        at = timezone.now()
        with own_view(ada, reason="x", at=at):
            return show_score(ada, to=to, until=at + until, at=at)

    return show


def look(viewer, person):
    with data_use(PurposeKey.SCORE_EXPLANATION, by=viewer, about=[person.pk], reason="x", at=timezone.now()):
        return Score.objects.filter(person=person.pk).count()


def test_by_default_nobody_sees_it(ada, vera):
    with pytest.raises(ReaderRefused):
        look(vera, ada)
    assert DataUse.objects.only("reader_may").get(by=vera.pk).reader_may is False


def test_whom_it_is_shown_to_sees_it_and_nobody_else(ada, vera, show):
    show(vera)
    assert look(vera, ada) == 1
    with pytest.raises(ReaderRefused):
        look(PersonFactory(), ada)


def test_it_opens_scores_and_nothing_behind_them(ada, vera, show):
    show(vera)
    with (
        data_use(PurposeKey.SCORE_EXPLANATION, by=vera, about=[ada.pk], reason="x", at=timezone.now()),
        pytest.raises(ProgrammingError, match="no data use"),
        transaction.atomic(),
    ):
        _ask("SELECT * FROM scoring_weekcount")


def test_it_opens_nobody_else_along(ada, vera, show):
    show(vera)
    about = [ada.pk, PersonFactory().pk]
    with (
        pytest.raises(ReaderRefused),
        data_use(PurposeKey.SCORE_EXPLANATION, by=vera, about=about, reason="x", at=timezone.now()),
    ):
        pass


def test_taken_back_is_at_once(ada, vera, show):
    share = show(vera)
    with own_view(ada, reason="x", at=timezone.now()):
        end_share(ada, share, at=timezone.now())
    with pytest.raises(ReaderRefused):
        look(vera, ada)


def test_it_ends_by_the_clock_of_the_database(ada, vera, show, owner_connection):
    show(vera)
    owner_connection.execute(
        "UPDATE acme.consent_scoreshare SET shared_at = now() - interval '3 days', until = now() - interval '1 second'"
    )
    with pytest.raises(ReaderRefused):
        look(vera, ada)


def test_who_leaves_shows_nothing_any_more(ada, vera, show):
    show(vera)
    leave(ada, at=timezone.now())
    assert ScoreShare.objects.get().ended_at is not None
    with pytest.raises(ReaderRefused):
        look(vera, ada)


def test_of_a_team_whoever_is_in_it_now(ada, vera, show):
    team = TeamFactory()
    TeamMember.objects.create(person=vera, team=team)
    show(team)
    assert look(vera, ada) == 1
    TeamMember.objects.filter(person=vera).update(team=TeamFactory())
    with pytest.raises(ReaderRefused):
        look(vera, ada)


def test_viewer_whose_account_is_closed_sees_nothing(ada, vera, show):
    show(vera)
    type(vera).objects.filter(pk=vera.pk).update(is_active=False)
    with pytest.raises(ReaderRefused):
        look(vera, ada)


@pytest.mark.parametrize("days", [-1, 91])
def test_it_is_for_a_time(show, vera, days):
    with pytest.raises(NotShared, match="at most 90 days"):
        show(vera, timedelta(days=days))


def test_it_is_to_somebody_else_and_once(ada, show, vera):
    with pytest.raises(NotShared):
        show(ada)
    with pytest.raises(NotShared, match="nobody else"):
        show(TeamFactory())
    show(vera)
    with pytest.raises(NotShared, match="already"):
        show(vera)


def test_nobody_shows_or_ends_it_for_somebody_else(ada, vera, show):
    """Whose score it is comes from the look at one's own data, never from the caller."""
    with pytest.raises(ProgrammingError, match="no data use"), transaction.atomic():
        _ask("SELECT consent_share_score(%s, NULL, now() + interval '1 day')", vera.pk)
    share = show(vera)
    with own_view(vera, reason="x", at=timezone.now()):
        assert _ask("SELECT consent_end_share(%s)", share) == [(False,)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO consent_scoreshare (id, person_id, viewer, until) SELECT gen_random_uuid(), id, id, now() FROM accounts_person",
        "UPDATE consent_scoreshare SET until = now() + interval '89 days'",
        "UPDATE consent_scoreshare SET ended_at = NULL",
        "DELETE FROM consent_scoreshare",
    ],
)
def test_app_writes_no_share(show, vera, statement):
    show(vera)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        _ask(statement)


def test_who_takes_no_part_has_nothing_to_show(in_acme, vera):
    with refused("share_of_a_score"), own_view(vera, reason="x", at=timezone.now()):
        _ask("SELECT consent_share_score(%s, NULL, now() + interval '1 day')", PersonFactory().pk)


def _ask(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None
