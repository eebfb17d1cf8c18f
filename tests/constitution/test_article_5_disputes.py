"""Article 5: an answer that somebody was promised is given by another, once, and by nobody who has not looked on record."""

from uuid import uuid4

import pytest
from django.db import Error
from django.utils import timezone

from accounts.models import Team, TeamMember
from accounts.states import Role
from consent.domain.choices import Wish, take_part
from consent.domain.data_uses import data_use, own_view
from consent.models import Obligation, OpenGrant
from consent.states import ObligationKind, PurposeKey
from scoring.domain.disputes import appeal, open_dispute
from scoring.models import Dispute, WeekCount
from tests.conftest import scoring_wording
from tests.constitution.refusals import refused
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory, promised

NO_USE = "no data use"
ANSWER = "SELECT scoring_answer_dispute(%s, 'upheld', 'x')"
CORRECT = "SELECT scoring_correct(%s, %s, %s::smallint, '2026-11-16', %s)"
APPEAL = "SELECT scoring_appeal(%s, %s, %s, 'x')"
OPEN = "SELECT scoring_open_dispute(%s, %s, NULL, 1::smallint, NULL, 'x')"


@pytest.fixture
def ada(schema, now):
    person = PersonFactory()
    take_part(person, wish=Wish((scoring_wording().pk,), (SourceFactory().pk,), is_of_age=True), at=now)
    for kind in (1, 2):
        grant = OpenGrant.objects.get(person=person)
        everyones(WeekCount).create(person=person, grant=grant, kind=kind, week="2026-11-16", colleagues=3)
    return person


@pytest.fixture
def steward(schema):
    return PersonFactory(roles=[Role.STEWARD])


@pytest.fixture
def promise(ada, now) -> Obligation:
    return open_dispute(ada, text="Wrong.", is_left_out=False, at=now, kind=1)


def looking(by, *about):
    return data_use(
        PurposeKey.DISPUTE_REVIEW, by=by, about=[person.pk for person in about], reason="x", at=timezone.now()
    )


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO scoring_dispute (id, person_id, obligation_id, kind, text, outcome, answer)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, 'x', '', '')",
        "UPDATE scoring_dispute SET outcome = 'dismissed'",
        "DELETE FROM scoring_dispute",
        "TRUNCATE scoring_dispute",
    ],
)
def test_disputes_are_written_by_their_functions_alone(promise, ada, run_sql, statement):
    with pytest.raises(Error, match="permission denied"), own_view(ada, reason="x", at=timezone.now()):
        run_sql(statement)


@pytest.mark.parametrize("call", [ANSWER, "SELECT * FROM scoring_disputed_counts(%s)"])
def test_without_a_look_on_record_nothing_is_seen_or_answered(promise, run_sql, call):
    with pytest.raises(Error, match=NO_USE):
        run_sql(call, promise.thing)


@pytest.mark.parametrize("call", [ANSWER, "SELECT * FROM scoring_disputed_counts(%s)"])
def test_look_at_somebody_else_is_no_look_at_this(promise, steward, run_sql, call):
    with pytest.raises(Error, match=NO_USE), looking(steward, PersonFactory()):
        run_sql(call, promise.thing)


def test_own_view_answers_nothing(promise, ada, run_sql):
    with pytest.raises(Error, match=NO_USE), own_view(ada, reason="x", at=timezone.now()):
        run_sql(ANSWER, promise.thing)


def test_look_shows_the_disputed_numbers_and_no_table(promise, ada, steward, run_sql):
    with looking(steward, ada):
        kinds = [kind for _, _, kind, *_ in run_sql("SELECT * FROM scoring_disputed_counts(%s)", promise.thing)]
        assert kinds == [1]
        with pytest.raises(Error, match=NO_USE):
            run_sql("SELECT * FROM scoring_weekcount")


def test_steward_does_not_answer_themself(promise, ada, now, run_sql):
    ada.roles.create(role=Role.STEWARD, given_at=now)
    with looking(ada, ada), refused("dispute_answered_by_another"):
        run_sql(ANSWER, promise.thing)


def test_answer_is_given_once(promise, ada, steward, run_sql):
    with looking(steward, ada):
        run_sql("SELECT scoring_answer_dispute(%s, 'dismissed', 'It is right.')", promise.thing)
    with looking(steward, ada), refused("dispute_answered_once"):
        run_sql(ANSWER, promise.thing)
    assert everyones(Dispute).get().outcome == "dismissed"


@pytest.mark.parametrize(("outcome", "words"), [("upheld", "  "), ("perhaps", "x")])
def test_answer_has_an_outcome_and_a_reason(promise, ada, steward, run_sql, outcome, words):
    with looking(steward, ada), pytest.raises(Error, match="dispute_answered_at_and_by|no outcome"):
        run_sql(CORRECT, promise.thing, OpenGrant.objects.get(person=ada).pk, 1, 2)
        run_sql("SELECT scoring_answer_dispute(%s, %s, %s)", promise.thing, outcome, words)


def test_nobody_disputes_in_the_name_of_another(ada, steward, run_sql):
    owed = promised(ObligationKind.DISPUTE_ANSWER, ada)
    with pytest.raises(Error, match="is no promise to answer this"), own_view(ada, reason="x", at=timezone.now()):
        run_sql(OPEN, uuid4(), owed.pk)
    for use in (looking(steward, ada), own_view(steward, reason="x", at=timezone.now())):
        with pytest.raises(Error, match="is no promise|no data use"), use:
            run_sql(OPEN, owed.thing or uuid4(), owed.pk)


def test_promise_to_answer_does_not_end_unanswered(promise, run_sql):
    for outcome in ("complete", "cancelled", "incomplete", "held"):
        with refused("obligation_done_with_evidence"):
            run_sql("UPDATE consent_obligation SET done_at = now(), outcome = %s", outcome)


def test_being_right_changes_something(promise, ada, steward, run_sql):
    with looking(steward, ada), refused("dispute_upheld_corrects"):
        run_sql(ANSWER, promise.thing)


@pytest.mark.parametrize(
    ("kind", "number", "why"),
    [(2, 1, "correction_of_disputed"), (1, 3, "correction_is_another_number"), (1, -1, "correction_is_another_number")],
)
def test_nothing_but_what_is_disputed_is_set_right(promise, ada, steward, run_sql, kind, number, why):
    with looking(steward, ada), refused(why):
        run_sql(CORRECT, promise.thing, OpenGrant.objects.get(person=ada).pk, kind, number)


def test_nothing_is_set_right_after_the_answer_or_by_its_person(promise, ada, steward, now, run_sql):
    grant = OpenGrant.objects.get(person=ada).pk
    with pytest.raises(Error, match=NO_USE), own_view(ada, reason="x", at=timezone.now()):
        run_sql(CORRECT, promise.thing, grant, 1, 50)
    with looking(steward, ada):
        run_sql("SELECT scoring_answer_dispute(%s, 'dismissed', 'It is right.')", promise.thing)
    with looking(steward, ada), refused("correction_of_disputed"):
        run_sql(CORRECT, promise.thing, grant, 1, 50)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO scoring_correction (person_id, grant_id, kind, week, dispute, was, colleagues)"
        " SELECT person_id, grant_id, 1, '2026-11-16', gen_random_uuid(), 3, 50 FROM consent_opengrant",
        "UPDATE scoring_correction SET colleagues = 50",
        "DELETE FROM scoring_correction",
    ],
)
def test_corrections_are_written_by_their_function_alone(promise, ada, run_sql, statement):
    with pytest.raises(Error, match="permission denied"), own_view(ada, reason="x", at=timezone.now()):
        run_sql(statement)


def test_nobody_appeals_in_the_name_of_another_or_before_the_answer(promise, ada, steward, run_sql):
    for use in (own_view(ada, reason="x", at=timezone.now()), looking(steward, ada)):
        owed = promised(ObligationKind.DISPUTE_ANSWER, ada)
        with use, refused("dispute_appealed_once"):
            run_sql(APPEAL, owed.thing or uuid4(), owed.pk, promise.thing)
    with looking(steward, ada):
        run_sql("SELECT scoring_answer_dispute(%s, 'dismissed', 'It is right.')", promise.thing)
    with pytest.raises(Error, match="is no promise|no data use"), looking(steward, ada):
        run_sql(APPEAL, owed.thing or uuid4(), owed.pk, promise.thing)


def test_who_answered_does_not_decide_on_the_appeal(promise, ada, steward, now, run_sql):
    with looking(steward, ada):
        run_sql("SELECT scoring_answer_dispute(%s, 'dismissed', 'It is right.')", promise.thing)
    second = appeal(everyones(Dispute).get(), text="Look again.", by=ada, at=now)
    for call in (ANSWER, "SELECT * FROM scoring_disputed_counts(%s)"):
        with looking(steward, ada), refused("dispute_appeal_answered_by_another"):
            run_sql(call, second.thing)


def test_steward_of_the_same_team_does_not_answer_while_there_is_another(promise, ada, steward, now, run_sql):
    team = Team.objects.create(name="Bakers", made_at=now)
    for person in (ada, steward):
        TeamMember.objects.create(person=person, team=team)
    PersonFactory(roles=[Role.STEWARD])
    with looking(steward, ada), refused("dispute_answered_from_outside"):
        run_sql(ANSWER, promise.thing)
