"""What is due by when, and who is told: the board's rows, what was missed, and the morning's mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from accounts.domain.company_mail import mail_people
from accounts.errors import DomainError
from accounts.models import Person
from accounts.states import Role
from accounts.tenants.context import current_time_zone
from consent import events
from consent.audit.domain.recording import record
from consent.audit.models import Entry
from consent.domain.obligations import last_day
from consent.models import DigestSent, Obligation
from consent.states import Standing

DIGEST_HOUR = 8
MOST_IN_A_MAIL = 50


@dataclass(frozen=True)
class Numbers:
    """How many obligations stand how."""

    overdue: int
    due_soon: int
    on_track: int
    done: int


def numbers() -> Numbers:
    counts = {standing.value: Count("pk", filter=Q(standing=standing)) for standing in Standing}
    return Numbers(**Obligation.objects.with_standing().aggregate(**counts))


def missed_now() -> int:
    return Obligation.objects.unmet().filter(due_at__lt=Now()).count()


def board(*, kind: str, done: bool) -> QuerySet[Obligation]:
    """Obligations of a kind, or of all: what is unmet by its deadline, what is done newest first."""
    rows = Obligation.objects.with_standing().filter(done_at__isnull=not done)
    rows = rows.filter(kind=kind) if kind else rows
    return rows.order_by("-done_at", "pk") if done else rows.order_by("due_at", "pk")


def history_of(obligation: Obligation) -> list[Entry]:
    """The ledger's entries about an obligation and what it is about, oldest first."""
    about = Q(payload__contains={"obligation": str(obligation.pk)})
    for key in ("erasure", "hold", "export", "dispute") if obligation.thing else ():
        about |= Q(payload__contains={key: str(obligation.thing)})
    return list(Entry.objects.filter(about).order_by("at", "pk"))


@transaction.atomic
def say_why_late(obligation: Obligation, *, because: str, by: Person, at: datetime) -> None:
    """Put down why a deadline was missed.

    :raises NotLate: it was not
    """
    late = Obligation.objects.filter(pk=obligation.pk, overdue_at__isnull=False)
    if not late.update(late_because=because):
        raise NotLate(f"{obligation.reference} is not late, so there is nothing to explain.")
    record(
        events.LatenessExplained(obligation.pk, obligation.reference, because), by=by, at=at, about=obligation.person
    )


def record_missed(*, at: datetime) -> list[Obligation]:
    """Put on record what has become overdue since this was last asked, and alarm the officers. Called by the tick."""
    with transaction.atomic():
        missed = list(Obligation.objects.filter(pk__in=_newly_overdue()).order_by("due_at"))
        for obligation in missed:
            event = events.DeadlineMissed(obligation.pk, obligation.kind, obligation.reference)
            record(event, by=None, at=at, about=obligation.person)
        if missed:
            mail_people("deadline_missed", _officers(), page="compliance:deadlines", missed=_with_days(missed))
    return missed


def send_digest(*, at: datetime) -> None:
    """Once a day, from eight in the company's own time, tell officers what is overdue or due soon."""
    local = at.astimezone(current_time_zone())
    if local.hour < DIGEST_HOUR or DigestSent.objects.filter(day=local.date()).exists():
        return
    pressing = Obligation.objects.unmet().filter(soon_at__lt=Now()).with_standing()
    with transaction.atomic():
        _, is_first = DigestSent.objects.get_or_create(day=local.date())
        rows = list(pressing.order_by("due_at")[:MOST_IN_A_MAIL])
        if is_first and rows:
            mail_people("deadlines_digest", _officers(), page="compliance:deadlines", rows=_with_days(rows))


def _newly_overdue() -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_mark_overdue()")
        return [pk for (pk,) in cursor.fetchall()]


def _with_days(obligations: Iterable[Obligation]) -> list[tuple[Obligation, date]]:
    zone = current_time_zone()
    return [(obligation, last_day(obligation.due_at, zone)) for obligation in obligations]


def _officers() -> QuerySet[Person]:
    return Person.objects.filter(is_active=True, roles__role=Role.OFFICER).distinct()


class NotLate(DomainError):
    """Only what is late has a reason for it."""
