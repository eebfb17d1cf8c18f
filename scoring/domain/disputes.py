"""Saying that a number is wrong, and answering it by a date (GDPR Article 16; design §9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction

from accounts.domain import jobs
from accounts.domain.company_mail import mail_people
from accounts.errors import DomainError, refused_as
from accounts.models import Person
from accounts.states import Role
from consent.audit.domain.recording import record
from consent.domain.choices import lock_person
from consent.domain.data_uses import data_use, own_view
from consent.domain.obligations import fulfil, last_day, open_obligation, stands_still
from consent.models import Obligation
from consent.states import ObligationKind, Outcome, PurposeKey
from scoring import events
from scoring.domain.exclusions import NothingCounted, Part, counted, leave_out
from scoring.domain.live import is_on
from scoring.models import Dispute
from scoring.states import DisputeOutcome, Kind

OPEN = "SELECT scoring_open_dispute(%s, %s, %s, %s::smallint, %s, %s)"
APPEAL = "SELECT scoring_appeal(%s, %s, %s, %s)"
CORRECT = "SELECT scoring_correct(%s, %s, %s::smallint, %s, %s)"
ANSWER = "SELECT scoring_answer_dispute(%s, %s, %s)"
COUNTS = "SELECT grant_id, week, kind, source, colleagues, is_excluded FROM scoring_disputed_counts(%s)"


@dataclass(frozen=True)
class DisputedCount:
    """One number that is said to be wrong."""

    grant: int
    week: date
    kind: int
    source: str
    colleagues: int
    is_excluded: bool

    @property
    def label(self) -> str:
        return Kind(self.kind).label

    @property
    def key(self) -> "Number":
        return self.grant, self.kind, self.week


Number = tuple[int, int, date]  # grant, kind, week


@dataclass(frozen=True)
class Looked:
    """What a steward sees of a dispute, and of whom."""

    dispute: Dispute
    person: Person
    counts: list[DisputedCount]
    first: Dispute | None  # when this is an appeal: what was said and answered before


@transaction.atomic
def open_dispute(person: Person, *, text: str, is_left_out: bool, at: datetime, **which: Part) -> Obligation:
    """Say that what is kept of the person, where `which` (week, kind, source) meet, is wrong. Returns what is promised.

    :param is_left_out: whether it is left out of the score from now on, whatever the answer
    :raises NothingCounted: nothing of the sort is kept of this person
    :raises DisputedAlready: the same is waiting for its answer
    """
    lock_person(person)
    pk = uuid4()
    with own_view(person, reason="Saying that a number is wrong", at=at):
        if not counted(person, **which).exists():
            raise NothingCounted("Nothing of that sort is kept of you, so there is nothing to correct.")
        _refuse_twice(person, which)
        promise = open_obligation(ObligationKind.DISPUTE_ANSWER, person=person.pk, thing=pk, by=person, at=at)
        _call(OPEN, pk, promise.pk, which.get("week"), which.get("kind"), which.get("source"), text)
        record(events.DisputeOpened(pk, promise.reference), by=person, at=at, about=person.pk)
        if is_left_out:
            leave_out(person, at=at, **which)
    _ask_stewards(promise, besides=[person.pk])
    return promise


@transaction.atomic
def appeal(dispute: Dispute, *, text: str, by: Person, at: datetime) -> Obligation:
    """Do not accept an answer. Another steward answers, by a date of its own; against that nobody appeals.

    :raises NotAppealed: it has no answer yet, or was appealed against before
    """
    lock_person(by)
    pk = uuid4()
    with own_view(by, reason="Not accepting an answer", at=at):
        promise = open_obligation(ObligationKind.DISPUTE_ANSWER, person=by.pk, thing=pk, by=by, at=at)
        try:
            with transaction.atomic():
                _call(APPEAL, pk, promise.pk, dispute.pk, text)
        except IntegrityError as refusal:
            raise NotAppealed(
                "One can appeal once, against an answer. This one cannot be appealed against."
            ) from refusal
        record(events.DisputeAppealed(pk, promise.reference), by=by, at=at, about=by.pk)
    _ask_stewards(promise, besides=[by.pk, dispute.answered_by])
    return promise


def _ask_stewards(promise: Obligation, *, besides: list[UUID | None]) -> None:
    stewards = Person.objects.filter(is_active=True, roles__role=Role.STEWARD).exclude(
        pk__in=[pk for pk in besides if pk]
    )
    mail_people(
        "dispute_opened", stewards.distinct(), page="manage:disputes", promise=promise, until=last_day(promise.due_at)
    )


def look_at(promise: Obligation, *, by: Person, at: datetime) -> Looked:
    """Show a steward one dispute and what it names, on record.

    :raises OwnDispute: it is the reader's own
    :raises ReaderRefused: the reader is no steward; the attempt is on record
    """
    _refuse_own(promise, by)
    with _reviewing(promise, by=by, at=at):
        dispute = Dispute.objects.select_related("person", "source").get(obligation=promise)
        with refused_as(_REFUSALS), connection.cursor() as cursor:
            cursor.execute(COUNTS, [dispute.pk])
            counts = [DisputedCount(*row) for row in cursor.fetchall()]
        first = Dispute.objects.get(pk=dispute.appeal_of) if dispute.appeal_of else None
        return Looked(dispute, dispute.person, counts, first)


@transaction.atomic
def answer_dispute(
    promise: Obligation,
    *,
    outcome: DisputeOutcome,
    answer: str,
    by: Person,
    at: datetime,
    right: Mapping[Number, int] | None = None,
) -> None:
    """Answer what somebody said is wrong, with a reason that they read. That is what keeps the promise.

    Numbers that are set right are so from this commit on, whatever a later file says; the score follows at once.

    :param right: for each number that is wrong, with how many different colleagues it really was
    :raises HasStake: it is the reader's own, or somebody else is further away from it
    :raises AnsweredAlready: another steward was quicker
    :raises NothingSetRight: whoever is right is owed a correction
    """
    _refuse_own(promise, by)
    with _reviewing(promise, by=by, at=at):
        dispute = Dispute.objects.select_related("person").get(obligation=promise)
        with refused_as(_REFUSALS):
            for (grant, kind, week), number in (right or {}).items():
                _call(CORRECT, dispute.pk, grant, kind, week, number)
            _call(ANSWER, dispute.pk, outcome, answer)
        if right:
            record(
                events.CountsCorrected(dispute.pk, promise.reference, len(right)), by=by, at=at, about=promise.person
            )
        record(events.DisputeAnswered(dispute.pk, promise.reference, outcome), by=by, at=at, about=promise.person)
        fulfil(promise, Outcome.COMPLETE, by=by, at=at)
    if right and is_on() and not stands_still():
        jobs.start("run_scores", title="Working out a score anew after an answer", arguments={}, by=None, at=at)
    told = [dispute.person] if dispute.person.is_active else []
    mail_people("dispute_answered", told, page="mine:dispute", arguments=[dispute.pk], promise=promise)


def take_back_disputes(person: UUID, *, at: datetime) -> None:
    """End the promises to somebody who is being erased: there is nobody left to answer."""
    waiting = Obligation.objects.unmet().filter(kind=ObligationKind.DISPUTE_ANSWER, person=person)
    for promise in waiting:
        fulfil(promise, Outcome.CANCELLED, by=None, at=at)


def _reviewing(promise: Obligation, *, by: Person, at: datetime) -> Any:
    assert promise.person is not None  # noqa: S101 - a dispute is somebody's
    reason = f"Answering {promise.reference}, where you said that a number is wrong"
    return data_use(PurposeKey.DISPUTE_REVIEW, by=by, about=[promise.person], reason=reason, at=at)


def _refuse_own(promise: Obligation, by: Person) -> None:
    if promise.person == by.pk:
        raise OwnDispute(f"{promise.reference} is your own. Another steward answers it.")


def _refuse_twice(person: Person, which: dict[str, Part]) -> None:
    same = {"week": None, "kind": None, "source": None} | which
    if Dispute.objects.filter(person=person, answered_at=None, **same).exists():
        raise DisputedAlready(
            "You have said so already, and the answer is on its way. It stands under “What you said is wrong”."
        )


def _call(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


class HasStake(DomainError):
    """Who answers has nothing to do with it."""

    status = 403


class OwnDispute(HasStake):
    """Nobody answers themself."""


class DisputedAlready(DomainError):
    """One answer at a time."""


class AnsweredAlready(DomainError):
    """A dispute is answered once."""


class NothingSetRight(DomainError):
    """Whoever is right is owed a correction."""


class NotAppealed(DomainError):
    """There is one appeal, against an answer."""


_REFUSALS: dict[str, tuple[type[DomainError], str]] = {
    "dispute_answered_once": (AnsweredAlready, "Another steward has answered this meanwhile."),
    "dispute_appeal_answered_by_another": (
        HasStake,
        "You gave the answer that is not accepted. Another steward decides.",
    ),
    "dispute_answered_from_outside": (
        HasStake,
        "You are in the same team as whoever says this. A steward of another team answers.",
    ),
    "dispute_upheld_corrects": (
        NothingSetRight,
        "If it is wrong, say what is right: write the right number beside at least one, or 0 to take it out.",
    ),
    "correction_of_disputed": (NothingSetRight, "One of these numbers is not there any more. Look at it again."),
    "correction_is_another_number": (NothingSetRight, "The right number must differ, and be 0 to 100,000."),
}
