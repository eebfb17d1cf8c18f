"""A legal hold stops destruction, never withdrawal; and what it keeps is read for it alone."""

from datetime import timedelta

import pytest
from django.db import Error
from django.utils import timezone

from accounts.states import Role
from consent.domain import eraser, holds
from consent.domain.approvals import execute, propose
from consent.domain.choices import leave
from consent.domain.data_uses import data_use
from consent.domain.erasing import request_erasure
from consent.domain.matters import Hold
from consent.domain.obligations import DeadlineMissed, refuse_while_overdue
from consent.models import HeldRow, LegalHold, Obligation, OpenGrant
from consent.states import ObligationKind, PurposeKey
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import decided, two_approvers


@pytest.fixture
def officer(in_acme):
    return PersonFactory(roles=[Role.OFFICER])


@pytest.fixture
def hold(alice, officer):
    approvers = two_approvers()
    matter = Hold(
        person=str(alice.pk), reason="A claim.", authority="Labour court, 4 Ca 12/26",
        review_on=(timezone.localdate() + timedelta(days=30)).isoformat(), silent_because="",
    )  # fmt: skip
    proposal = propose(matter, by=officer, at=timezone.now())
    [decided(proposal, approver) for approver in approvers]
    execute(proposal, by=officer, at=timezone.now())
    return LegalHold.objects.get()


def test_hold_tells_its_person_and_promises_a_review(hold, mailoutbox, alice):
    assert [mail.to for mail in mailoutbox if "hold" in mail.subject] == [[alice.email]]
    assert Obligation.objects.get(kind=ObligationKind.HOLD_REVIEW).thing == hold.pk


def test_withdrawal_goes_through_and_what_it_covers_is_held(hold, alice):
    leave(alice, at=timezone.now())
    assert not OpenGrant.objects.filter(person=alice).exists()
    assert holds.held_by_table(hold) == {"consent_opengrant": 1, "consent_participation": 1}


def test_what_is_held_is_read_for_the_hold_alone(hold, alice, officer):
    leave(alice, at=timezone.now())
    with holds.reading(hold, by=officer, at=timezone.now()):
        assert holds.held_rows(hold).count() == 2
    review = data_use(PurposeKey.COMPLIANCE_REVIEW, by=officer, about=[alice.pk], reason="x", at=timezone.now())
    with review, pytest.raises(Error, match="no data use"):
        list(HeldRow.objects.all())


@pytest.mark.parametrize(
    "attack",
    ["DELETE FROM consent_heldrow", "UPDATE consent_heldrow SET row = '{}'", "DELETE FROM consent_legalhold",
     "UPDATE consent_legalhold SET lifted_at = now(), lifted_by = gen_random_uuid()",
     "INSERT INTO consent_legalhold SELECT * FROM consent_legalhold",
     "ALTER TABLE scoring_weekcount DISABLE TRIGGER ALL"],
)  # fmt: skip
def test_app_cannot_touch_what_is_held(hold, alice, run_sql, attack):
    leave(alice, at=timezone.now())
    with pytest.raises(Error):
        run_sql(attack)


def test_erasure_of_somebody_held_ends_as_held_and_lifting_destroys_the_rest(hold, alice, officer):
    erasure = request_erasure(alice, by=alice, at=timezone.now()).erasure
    eraser.erase(erasure)
    eraser.verify([erasure])
    eraser.conclude(erasure, at=timezone.now())
    erasure.obligation.refresh_from_db()
    assert erasure.obligation.outcome == "held"
    holds.lift(hold, reason="The claim is settled.", by=officer, at=timezone.now())
    assert everyones(HeldRow).count() == 0


def test_review_ends_one_promise_and_opens_the_next(hold, officer):
    holds.keep(
        hold, review_on=timezone.localdate() + timedelta(days=90), reason="Pending.", by=officer, at=timezone.now()
    )
    reviews = Obligation.objects.filter(kind=ObligationKind.HOLD_REVIEW)
    assert sorted(reviews.values_list("outcome", flat=True)) == ["", "complete"]


def test_review_cannot_be_called_done_without_one(hold, run_sql):
    with pytest.raises(Error, match="nothing shows"):
        run_sql("UPDATE consent_obligation SET done_at = now(), outcome = 'complete'")


def test_overdue_review_stops_the_machine(hold, owner_connection):
    owner_connection.execute(
        "UPDATE acme.consent_obligation SET opened_at = now() - interval '9 days', promised_at = now() - interval '1 hour',"
        " due_at = now() - interval '1 hour'"
    )
    with pytest.raises(DeadlineMissed):
        refuse_while_overdue()
