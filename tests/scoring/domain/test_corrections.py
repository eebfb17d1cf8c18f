"""Somebody was right: the number is set right, the score follows, and no later file brings the wrong one back."""

from datetime import date, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import Job, Team, TeamMember
from accounts.states import Role
from consent.audit.models import Entry
from consent.domain.choices import leave
from consent.domain.data_uses import data_use
from consent.models import Obligation, OpenGrant
from consent.states import PurposeKey
from scoring.domain.disputes import (
    HasStake,
    NotAppealed,
    NothingSetRight,
    answer_dispute,
    appeal,
    look_at,
    open_dispute,
)
from scoring.domain.runs import run_scores
from scoring.models import Correction, Dispute, Score, WeekCount
from scoring.states import DisputeOutcome
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory

WEEK = date(2026, 11, 9)  # the last full one
UPHELD, DISMISSED = DisputeOutcome.UPHELD, DisputeOutcome.DISMISSED


@pytest.fixture
def grant(alice):
    everyones(OpenGrant).filter(person=alice).update(counts_from=WEEK)
    return OpenGrant.objects.get(person=alice)


@pytest.fixture
def counts(alice, grant):
    for kind, colleagues in ((1, 40), (3, 10)):
        everyones(WeekCount).create(person=alice, grant=grant, kind=kind, week=WEEK, colleagues=colleagues)


@pytest.fixture
def other_steward(in_acme):
    return PersonFactory(roles=[Role.STEWARD])


@pytest.fixture
def said(alice, counts, now):
    return open_dispute(alice, text="I was on leave.", is_left_out=False, at=now, week=WEEK, kind=1)


def answer(promise, by, at, outcome=UPHELD, **right):
    answer_dispute(promise, outcome=outcome, answer="It was.", by=by, at=at, **right)


def kept(person):
    rows = everyones(WeekCount).filter(person=person).order_by("kind").values_list("kind", "colleagues")
    return list(rows)


def apply_counts(person, grant, now, **numbers):
    """As an import does, of a file which covers the whole week."""
    kinds = [int(name.removeprefix("kind_")) for name in numbers]
    with data_use(PurposeKey.SCORING, by=None, about=[person.pk], reason="A file", at=now), connection.cursor() as sql:
        sql.execute(
            "SELECT scoring_apply_counts(%s, %s, %s, %s::smallint[], %s, %s)",
            [
                grant.source_id, [WEEK], [grant.pk] * len(kinds), kinds, [WEEK] * len(kinds), [*numbers.values()],
            ],
        )  # fmt: skip


def test_number_is_set_right_and_the_score_follows(said, alice, grant, steward, now):
    run_scores(by=None, at=now)
    answer(said, steward, now, right={(grant.pk, 1, WEEK): 10})
    assert Job.objects.filter(kind="run_scores").exists()
    run_scores(by=None, at=now)

    before, after = everyones(Score).filter(person=alice).order_by("run_id")
    assert kept(alice) == [(1, 10), (3, 10)]
    assert (before.points[0], after.points[0]) == (1000, 400)  # 20 · 40/(40+40), then 20 · 10/(10+40)
    correction = everyones(Correction).get()
    assert (correction.was, correction.colleagues, correction.dispute) == (40, 10, said.thing)
    assert Entry.objects.get(event="scoring.counts_corrected").payload["counts"] == 1


def test_file_that_comes_later_does_not_bring_the_wrong_number_back(said, alice, grant, steward, now):
    answer(said, steward, now, right={(grant.pk, 1, WEEK): 10})
    apply_counts(alice, grant, now, kind_1=41, kind_3=12)
    assert kept(alice) == [(1, 10), (3, 12)]


def test_what_was_nobodys_stays_away_until_it_is_set_right_again(said, alice, grant, steward, other_steward, now):
    answer(said, steward, now, right={(grant.pk, 1, WEEK): 0})
    apply_counts(alice, grant, now, kind_1=40, kind_3=10)
    assert kept(alice) == [(3, 10)]

    second = appeal(everyones(Dispute).get(), text="There were some.", by=alice, at=now)
    answer(second, other_steward, now, right={(grant.pk, 1, WEEK): 5})
    assert kept(alice) == [(1, 5), (3, 10)]


def test_correction_goes_with_the_grant(said, alice, grant, steward, now):
    answer(said, steward, now, right={(grant.pk, 1, WEEK): 10})
    leave(alice, at=now)
    assert not everyones(Correction).exists()


@pytest.mark.parametrize("right", [{}, {(0, 3, WEEK): 1}, {(0, 1, WEEK): 40}, {(0, 1, WEEK): -1}])
def test_who_is_right_is_owed_a_number_that_is_disputed_and_differs(said, alice, grant, steward, now, right):
    with pytest.raises(NothingSetRight):
        answer(said, steward, now, right={(grant.pk, *rest): number for (_, *rest), number in right.items()})
    assert kept(alice) == [(1, 40), (3, 10)]
    assert not Obligation.objects.get().done_at


def test_what_was_left_out_meanwhile_needs_no_number(alice, counts, steward, now):
    promise = open_dispute(alice, text="Wrong.", is_left_out=True, at=now, week=WEEK, kind=1)
    answer(promise, steward, now)
    assert everyones(Dispute).get().outcome == "upheld"


def test_whole_score_can_be_disputed(alice, grant, counts, steward, now):
    promise = open_dispute(alice, text="None of it is mine.", is_left_out=False, at=now)
    assert [c.kind for c in look_at(promise, by=steward, at=now).counts] == [1, 3]
    answer(promise, steward, now, right={(grant.pk, kind, WEEK): 0 for kind in (1, 3)})
    assert kept(alice) == []


# One appeal, to another


def test_appeal_is_answered_by_another_and_by_a_date(said, alice, steward, other_steward, now, mailoutbox):
    answer(said, steward, now, DISMISSED)
    mailoutbox.clear()
    second = appeal(everyones(Dispute).get(), text="Look again.", by=alice, at=now)

    assert second.due_at >= now + timedelta(days=14)
    assert [mail.to for mail in mailoutbox] == [[other_steward.email]]
    with pytest.raises(HasStake, match="Another steward decides"):
        look_at(second, by=steward, at=now)
    looked = look_at(second, by=other_steward, at=now)
    assert (looked.first.text, looked.first.answer, looked.dispute.text) == (
        "I was on leave.",
        "It was.",
        "Look again.",
    )
    answer(second, other_steward, now, DISMISSED)


def test_nobody_appeals_before_the_answer_twice_or_against_an_appeal(said, alice, steward, other_steward, now):
    first = everyones(Dispute).get()
    with pytest.raises(NotAppealed):
        appeal(first, text="Too early.", by=alice, at=now)
    answer(said, steward, now, DISMISSED)
    second = appeal(first, text="Look again.", by=alice, at=now)
    with pytest.raises(NotAppealed):
        appeal(first, text="And again.", by=alice, at=now)
    answer(second, other_steward, now, DISMISSED)
    with pytest.raises(NotAppealed):
        appeal(everyones(Dispute).get(pk=second.thing), text="And again.", by=alice, at=now)
    assert Obligation.objects.count() == 2


# Nobody with a stake


@pytest.fixture
def in_one_team(alice, steward, now):
    team = Team.objects.create(name="Bakers", made_at=now)
    for person in (alice, steward):
        TeamMember.objects.create(person=person, team=team)


@pytest.mark.usefixtures("in_one_team")
def test_steward_of_the_same_team_has_a_stake_while_there_is_another(said, steward, other_steward, now):
    with pytest.raises(HasStake, match="another team"):
        look_at(said, by=steward, at=now)
    answer(said, other_steward, now, DISMISSED)


@pytest.mark.usefixtures("in_one_team")
def test_only_steward_answers_even_from_the_same_team(said, steward, now):
    answer(said, steward, now, DISMISSED)
    assert everyones(Dispute).get().outcome == "dismissed"


def test_correcting_waits_for_an_import_of_the_same_source(said, grant, steward, now, owner_connection):
    """Else the import, which saw the old number, would write it after the correction was made."""
    with owner_connection.transaction():
        owner_connection.execute("SELECT FROM acme.consent_source FOR UPDATE")
        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
            connection.cursor().execute("SET LOCAL lock_timeout = '200ms'")
            answer(said, steward, now, right={(grant.pk, 1, WEEK): 10})
