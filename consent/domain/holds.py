"""Legal holds: placed by an approval of two, reviewed by a date, lifted. Their person is told, or it says why not."""

import json
from datetime import date, datetime, time
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.domain.company_mail import mail_people
from accounts.errors import DomainError
from accounts.models import Person
from accounts.tenants.context import current_time_zone
from consent import events
from consent.audit.domain.recording import record
from consent.domain.data_uses import data_use
from consent.domain.obligations import fulfil, open_obligation
from consent.models import Erasure, HeldRow, LegalHold, Obligation, Proposal
from consent.states import ObligationKind, Outcome, PurposeKey


def place(proposal: Proposal, *, by: Person, at: datetime) -> None:
    """In the transaction in which a hold's proposal takes effect: its review is promised, its person told."""
    hold = LegalHold.objects.get(proposal=proposal.pk)
    _promise_review(hold, by=by, at=at)
    record(events.HoldPlaced(hold.pk), by=by, at=at, about=hold.person)
    if not hold.silent_because:
        mail_people("held", Person.objects.filter(pk=hold.person, is_active=True), page="mine:data", hold=hold)


@transaction.atomic
def keep(hold: LegalHold, *, review_on: date, reason: str, by: Person, at: datetime) -> None:
    """Review a hold and let it stand, until another review.

    :raises HoldIsLifted: there is nothing left to review
    """
    record(events.HoldReviewed(hold.pk, review_on.isoformat(), reason), by=by, at=at, about=hold.person)
    _change(hold, review_on=review_on, reviewed_at=at, reviewed_by=by.pk)
    _end_review(hold, by=by, at=at)
    hold.review_on = review_on
    _promise_review(hold, by=by, at=at)


@transaction.atomic
def lift(hold: LegalHold, *, reason: str, by: Person, at: datetime) -> None:
    """End a hold. What it held is destroyed before this returns.

    :raises HoldIsLifted: it was lifted before
    """
    held = held_by_table(hold)
    record(events.HoldLifted(hold.pk, sum(held.values()), reason), by=by, at=at, about=hold.person)
    _change(hold, lifted_at=at, lifted_by=by.pk)
    _end_review(hold, by=by, at=at)
    erasure = Erasure.objects.filter(person=hold.person, erased_at__isnull=False).first()
    if erasure:
        record(events.HeldRowsErased(erasure.pk, erasure.reference, held), by=None, at=at, about=hold.person)


def held_by_table(hold: LegalHold) -> dict[str, int]:
    """How many rows of each table it keeps. Only numbers leave the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_held_by_table(%s)", [hold.pk])
        counts: dict[str, int] = json.loads(cursor.fetchone()[0])
    return counts


def held_rows(hold: LegalHold) -> QuerySet[HeldRow]:
    """Rows of a hold; readable inside `reading(hold)` alone."""
    return HeldRow.objects.filter(hold=hold).order_by("pk")


def reading(hold: LegalHold, *, by: Person, at: datetime):  # type: ignore[no-untyped-def]  # a data use
    """A look at what a hold keeps, on record."""
    return data_use(
        PurposeKey.LEGAL_HOLD, by=by, about=[hold.person], reason="Looking at what a legal hold keeps", at=at
    )


def told_holds(person: UUID) -> QuerySet[LegalHold]:
    """The holds on somebody that they may know of."""
    return LegalHold.objects.filter(person=person, lifted_at=None, silent_because="")


def _promise_review(hold: LegalHold, *, by: Person, at: datetime) -> None:
    end_of_day = datetime.combine(hold.review_on, time.max, current_time_zone())
    open_obligation(ObligationKind.HOLD_REVIEW, person=hold.person, thing=hold.pk, by=by, at=at, due_at=end_of_day)


def _end_review(hold: LegalHold, *, by: Person, at: datetime) -> None:
    for review in Obligation.objects.unmet().filter(kind=ObligationKind.HOLD_REVIEW, thing=hold.pk):
        fulfil(review, Outcome.COMPLETE, by=by, at=at)


def _change(hold: LegalHold, **changes: object) -> None:
    if not LegalHold.objects.filter(pk=hold.pk, lifted_at=None).update(**changes):
        raise HoldIsLifted("This hold is lifted already.")


class HoldIsLifted(DomainError):
    """A hold ends once."""
