"""What is promised by a date: opened, extended at most once, done (design §9). PostgreSQL sets every date."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from psycopg.errors import ObjectNotInPrerequisiteState

from accounts.domain.company_mail import mail_people
from accounts.errors import DomainError, Remedy
from accounts.models import Person
from accounts.states import Permission
from accounts.tenants.context import current_time_zone
from consent import events
from consent.audit.domain.recording import record
from consent.domain.references import new_reference
from consent.models import DeadlinePolicy, Extension, Obligation
from consent.states import ObligationKind, Outcome

OPEN = """
INSERT INTO consent_obligation (id, kind, reference, person, thing, opened_by, due_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
WHO_KNOWS = "A compliance officer can see what holds it up."
EXTEND = "INSERT INTO consent_extension (obligation_id, reason, extended_by) VALUES (%s, %s, %s)"


@transaction.atomic
def open_obligation(
    kind: ObligationKind,
    *,
    person: UUID | None,
    by: Person | None,
    at: datetime,
    thing: UUID | None = None,
    due_at: datetime | None = None,
) -> Obligation:
    """Promise something by the date that the policy of its kind says.

    :param person: the opaque id of whom it is about; None for the company itself
    :param thing: the erasure, hold, export or dispute it is about
    :param due_at: for the review of a hold, the day approved with it; of all other kinds PostgreSQL says it
    """
    new = Obligation(kind=kind, reference=new_reference("D"))
    values: list[Any] = [new.pk, kind, new.reference, person, thing, by and by.pk, due_at]
    with connection.cursor() as cursor:
        cursor.execute(OPEN, values)
    new.refresh_from_db()
    event = events.ObligationOpened(new.pk, kind, new.reference, new.due_at.isoformat())
    record(event, by=by, at=at, about=person)
    return new


@transaction.atomic
def fulfil(obligation: Obligation, outcome: Outcome, *, by: Person | None, at: datetime) -> None:
    """Say that it is done, and how it ended. PostgreSQL sets the instant, and wants evidence of erasures and reviews.

    :raises DoneAlready: somebody, or the machine, has ended it
    """
    unmet = Obligation.objects.unmet().filter(pk=obligation.pk)
    if not unmet.update(done_at=at, done_by=by and by.pk, outcome=outcome):
        raise DoneAlready(f"{obligation.reference} is done already.")
    event = events.ObligationDone(obligation.pk, obligation.kind, obligation.reference, outcome)
    record(event, by=by, at=at, about=obligation.person)
    obligation.refresh_from_db()


@transaction.atomic
def extend(obligation: Obligation, *, reason: str, by: Person, at: datetime) -> Obligation:
    """Move a deadline by what the policy allows: once, before it is missed, with a reason that its person reads.

    :raises NotExtended: it is done, overdue, extended already, or its kind has no extension
    """
    obligation = Obligation.objects.select_for_update().get(pk=obligation.pk)
    _refuse_extending(obligation, reason)
    event = events.DeadlineExtended(obligation.pk, obligation.reference, reason)
    record(event, by=by, at=at, about=obligation.person)
    with connection.cursor() as cursor:
        cursor.execute(EXTEND, [obligation.pk, reason, by.pk])
    obligation.refresh_from_db()
    _tell_of_extension(obligation, reason)
    return obligation


def refuse_while_overdue() -> None:
    """Refuse at once what PostgreSQL would refuse in the end (consent/sql/obligations.sql).

    :raises DeadlineMissed: an erasure or the review of a hold is overdue
    """
    if why := why_stopped():
        raise DeadlineMissed(f"{why} {WHO_KNOWS}")


@contextmanager
def unless_overdue() -> Iterator[None]:
    """Score or send in the block. What PostgreSQL refuses there (consent/sql/obligations.sql) is said in words.

    :raises DeadlineMissed: an erasure or the review of a hold is overdue
    """
    try:
        with transaction.atomic():
            yield
    except OperationalError as refusal:
        if isinstance(refusal.__cause__, ObjectNotInPrerequisiteState) and (why := why_stopped()):
            raise DeadlineMissed(f"{why} {WHO_KNOWS}") from None
        raise


def last_day(due_at: datetime, zone: ZoneInfo | None = None) -> date:
    """The day, in the company's own calendar, with whose end a deadline ends."""
    return (timezone.localtime(due_at, zone or current_time_zone()) - timedelta(microseconds=1)).date()


def stands_still() -> bool:
    """Whether a missed deadline keeps the company from scoring and sending now."""
    return Obligation.objects.that_stop_the_machine().exists()


def why_stopped() -> str:
    """Why nothing is scored or sent now; empty while nothing stops it."""
    missed = Obligation.objects.that_stop_the_machine().order_by("due_at").first()
    if missed is None:
        return ""
    return (
        f"{ObligationKind(missed.kind).label} {missed.reference} was due on {last_day(missed.due_at):%-d %B %Y} and is"
        " not done. Until it is, nothing is scored or sent here."
    )


def _refuse_extending(obligation: Obligation, reason: str) -> None:
    if not reason.strip():
        raise NotExtended("Say why: the person concerned reads it.")
    if not Obligation.objects.unmet().filter(pk=obligation.pk, due_at__gt=Now()).exists():
        raise NotExtended(f"{obligation.reference} is done or overdue; a deadline is extended before it is missed.")
    if Extension.objects.filter(obligation=obligation).exists():
        raise NotExtended(f"{obligation.reference} was extended once already. It cannot be extended again.")
    if not DeadlinePolicy.objects.filter(kind=obligation.kind, extension_days__gt=0).exists():
        raise NotExtended(f"No extension is foreseen for this: {ObligationKind(obligation.kind).label}.")


def _tell_of_extension(obligation: Obligation, reason: str) -> None:
    """Whoever is being erased has no pages any more, but the link that they were given, and an address still."""
    has_pages = obligation.kind != ObligationKind.ERASURE
    mail_people(
        "deadline_extended",
        Person.objects.filter(pk=obligation.person),
        page="mine:data" if has_pages else "",
        case=obligation,
        until=last_day(obligation.due_at),
        reason=reason,
        has_pages=has_pages,
    )


class DoneAlready(DomainError):
    """An obligation ends once."""


class NotExtended(DomainError):
    """The deadline stays."""


class DeadlineMissed(DomainError):
    """The machine stands still (Article 5)."""

    status = 503
    title = "A deadline was missed, so nothing runs"
    remedy = Remedy(Permission.SEE_DEADLINES, "compliance:deadlines", "See the deadlines")
