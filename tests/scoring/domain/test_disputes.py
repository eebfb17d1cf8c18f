"""A person says that a number is wrong, and a steward who is not that person answers, by a date."""

import pytest
from django.utils import timezone

from accounts.states import Role
from consent.audit.models import Entry
from consent.domain import eraser
from consent.domain.choices import leave
from consent.domain.data_uses import ReaderRefused
from consent.domain.erasing import request_erasure
from consent.models import DataUsePerson, Obligation
from scoring.domain.disputes import (
    AnsweredAlready,
    DisputedAlready,
    OwnDispute,
    answer_dispute,
    look_at,
    open_dispute,
)
from scoring.domain.exclusions import NothingCounted, exclude, include
from scoring.models import Dispute, Exclusion
from scoring.states import DisputeOutcome
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.scoring.conftest import MONDAY, MONDAY_BEFORE


def answer(promise, by, at, outcome=DisputeOutcome.UPHELD):
    """It is right to 2 colleagues, if there still are any numbers."""
    counts = look_at(promise, by=by, at=at).counts if outcome == DisputeOutcome.UPHELD else []
    right = {count.key: 2 for count in counts}
    answer_dispute(promise, outcome=outcome, answer="You were. It is corrected.", right=right, by=by, at=at)


def the_dispute():
    return everyones(Dispute).get()


def left_out(person):
    return sorted(everyones(Exclusion).filter(person=person).values_list("kind", "week"))


def test_person_is_promised_an_answer_within_ten_working_days(said, alice):
    assert (said.kind, said.person, said.thing) == ("dispute_answer", alice.pk, the_dispute().pk)
    assert 14 <= (said.due_at - said.opened_at).days <= 16


def test_words_stand_behind_the_gate_and_not_in_the_ledger(said):
    assert the_dispute().text == "I was on leave."
    entry = Entry.objects.get(event="scoring.dispute_opened")
    assert entry.payload == {"dispute": str(the_dispute().pk), "reference": said.reference}


def test_what_is_not_kept_cannot_be_disputed(alice, bob, counts, now):
    with pytest.raises(NothingCounted):
        open_dispute(bob, text="Not mine.", is_left_out=False, at=now, week=MONDAY)
    with pytest.raises(NothingCounted):
        open_dispute(alice, text="Not mine.", is_left_out=False, at=now, kind=8)
    assert not Obligation.objects.exists()


def test_same_is_not_said_twice_but_again_after_the_answer(said, alice, steward, now):
    again = {"text": "Still.", "is_left_out": False, "at": now, "week": MONDAY, "kind": 1}
    with pytest.raises(DisputedAlready):
        open_dispute(alice, **again)
    answer(said, steward, now)
    assert open_dispute(alice, **again).reference != said.reference


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({"week": MONDAY}, [(1, MONDAY), (3, MONDAY)]),
        ({"kind": 1}, [(1, MONDAY_BEFORE), (1, MONDAY)]),
        ({"week": MONDAY, "kind": 3}, [(3, MONDAY)]),
    ],
)
def test_week_or_kind_is_left_out_at_once_when_asked(alice, counts, now, which, expected):
    open_dispute(alice, text="Wrong.", is_left_out=True, at=now, **which)
    assert left_out(alice) == expected


def test_whole_source_is_left_out_and_counted_again_in_one_go(alice, counts, slack, now):
    exclude(alice, source=slack.pk, at=now)
    assert left_out(alice) == [(1, MONDAY_BEFORE), (1, MONDAY), (3, MONDAY)]
    include(alice, source=slack.pk, at=now)
    assert left_out(alice) == []
    events = Entry.objects.filter(event__startswith="scoring.many").order_by("pk").values_list("payload", flat=True)
    assert list(events) == [{"of": "source", "counts": 3}] * 2


def test_steward_sees_the_disputed_numbers_and_no_others_on_record(said, alice, steward, now):
    looked = look_at(said, by=steward, at=now)
    assert [(c.week, c.kind, c.source, c.colleagues) for c in looked.counts] == [(MONDAY, 1, "Slack", 7)]
    use = everyones(DataUsePerson).filter(use__by=steward.pk).get()
    assert (use.person_id, use.is_allowed) == (alice.pk, True)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.OWNER, Role.APPROVER])
def test_nobody_but_a_steward_looks(said, now, role):
    with pytest.raises(ReaderRefused):
        look_at(said, by=PersonFactory(roles=[role]), at=now)


def test_answer_keeps_the_promise_and_its_person_is_told(said, alice, steward, now, mailoutbox):
    mailoutbox.clear()
    answer(said, steward, now)
    dispute = the_dispute()
    assert (dispute.outcome, dispute.answer, dispute.answered_by) == (
        "upheld",
        "You were. It is corrected.",
        steward.pk,
    )
    assert Obligation.objects.get().outcome == "complete"
    (mail,) = mailoutbox
    assert (mail.to, "corrected" in mail.body, f"/me/disputes/{dispute.pk}/" in mail.body) == (
        [alice.email],
        False,
        True,
    )


def test_nobody_answers_themself(alice, counts, now):
    alice.roles.create(role=Role.STEWARD, given_at=now)
    own = open_dispute(alice, text="Wrong.", is_left_out=False, at=now, week=MONDAY)
    with pytest.raises(OwnDispute):
        answer(own, alice, now)


def test_answer_is_given_once(said, steward, now):
    answer(said, steward, now)
    with pytest.raises(AnsweredAlready):
        answer(said, steward, now, DisputeOutcome.DISMISSED)
    assert the_dispute().outcome == "upheld"


def test_who_has_withdrawn_is_answered_all_the_same(said, alice, steward, now):
    leave(alice, at=now)
    assert look_at(said, by=steward, at=now).counts == []
    answer(said, steward, now)
    assert Obligation.objects.get().outcome == "complete"


def test_erasure_takes_the_dispute_and_the_promise_back(said, alice, steward, now):
    other = open_dispute(alice, text="All of it.", is_left_out=False, at=now, kind=1)
    answer(other, steward, now)
    erasure = request_erasure(alice, by=alice, at=timezone.now()).erasure
    eraser.erase(erasure)
    eraser.verify([erasure])
    eraser.conclude(erasure, at=timezone.now())
    assert not everyones(Dispute).exists()
    assert Obligation.objects.get(pk=said.pk).outcome == "cancelled"
    assert Obligation.objects.get(kind="erasure").outcome == "complete"


def test_erased_steward_is_named_nowhere_but_the_answer_stands(said, steward, now):
    answer(said, steward, now)
    eraser.erase(request_erasure(steward, by=steward, at=timezone.now()).erasure)
    assert (the_dispute().answer, the_dispute().answered_by.int) == ("You were. It is corrected.", 0)
