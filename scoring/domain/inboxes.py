"""Opening an inbox, taking deliveries in, and closing weeks that are over."""

import csv
import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.errors import DomainError
from accounts.models import Person
from consent.audit.domain.recording import record
from consent.domain.choices import monday_of
from consent.domain.data_uses import data_use
from consent.models import OpenGrant, Source
from consent.states import PurposeKey
from scoring import events
from scoring.connectors.door import KIND_SHIFT, KINDS
from scoring.inbox import secrets
from scoring.inbox.deliveries import Delivery, Handshake, NotUnderstood, Refused, Told
from scoring.inbox.services import MODULES
from scoring.models import Inbox, WeekKey
from scoring.states import InboxService

TAKE = "SELECT scoring_take_events(%s, %s, %s, %s::smallint[], %s::smallint[], %s, %s)"
COUNT = "SELECT scoring_count_events(%s, %s, %s)"
MOST_DEALINGS = 1_000
OVER_AFTER = timedelta(days=9)  # a week, and two days for what comes late


@transaction.atomic
def open_inbox(source: Source, *, service: InboxService, secret: str, by: Person, at: datetime) -> str:
    """Let a source send events by itself. Returns its secret, which is shown once and never again.

    :param secret: the service's own; empty for those that take one from here
    :raises NotOpened: it is open, or the source is retired
    """
    if source.retired_at or Inbox.objects.filter(source=source, is_open=True).exists():
        raise NotOpened("This source sends events already, or is retired.")
    secret = secret or secrets.make()
    now = {"service": service, "sealed_secret": secrets.seal(secret, source.pk), "sealed_before": None, "is_open": True}
    if not Inbox.objects.filter(source=source).update(**now):
        Inbox.objects.create(source=source, opened_at=at, opened_by=by.pk, **now)
    record(events.InboxOpened(source.pk, service), by=by, at=at)
    return secret


@transaction.atomic
def change_secret(inbox: Inbox, *, secret: str, by: Person, at: datetime) -> str:
    """Begin to use another secret; the one before stays good until it is taken away."""
    secret = secret or secrets.make()
    inbox.sealed_before = inbox.sealed_secret
    inbox.sealed_secret = secrets.seal(secret, inbox.pk)
    inbox.save(update_fields=["sealed_secret", "sealed_before"])
    record(events.InboxSecretChanged(inbox.pk), by=by, at=at)
    return secret


@transaction.atomic
def drop_old_secret(inbox: Inbox, *, by: Person, at: datetime) -> None:
    inbox.sealed_before = None
    inbox.save(update_fields=["sealed_before"])
    record(events.InboxSecretDropped(inbox.pk), by=by, at=at)


@transaction.atomic
def close_inbox(inbox: Inbox, *, by: Person, at: datetime) -> None:
    """Take nothing in any more. The week that is going on is still counted when it is over."""
    Inbox.objects.filter(pk=inbox.pk).update(is_open=False)
    record(events.InboxClosed(inbox.pk), by=by, at=at)


def take(inbox: Inbox, delivery: Delivery) -> Handshake | None:
    """Verify a delivery, read who dealt with whom, keep what those concerned granted, and forget the rest.

    :raises Refused: it is not signed, or cannot be read; that is counted, and nothing else of it is kept
    """
    service = MODULES[inbox.service]
    try:
        service.check(delivery, secrets.of(inbox))
    except Refused:
        _count(inbox, "refused", 1)
        raise
    try:
        told = _understood(service.read(delivery))
    except NotUnderstood:
        _count(inbox, "malformed", 1)
        raise
    if isinstance(told, Handshake):
        return told
    if told.is_private:
        _count(inbox, "private", 1)
        return None
    _keep(inbox, told)
    return None


def _understood(told: Told | Handshake) -> Told | Handshake:
    if isinstance(told, Told) and len(told.dealings) > MOST_DEALINGS:
        raise NotUnderstood(f"It tells of more than {MOST_DEALINGS:,} dealings. Send fewer at once.")
    return told


def _keep(inbox: Inbox, told: Told) -> None:
    """PostgreSQL looks up who granted; what is not granted it does not write."""
    dealings = told.dealings
    kinds = [[kind >> KIND_SHIFT for kind in KINDS[dealing.act]] for dealing in dealings]
    values = [
        inbox.pk,
        hashlib.sha256(told.number.encode()).digest(),
        [dealing.actor for dealing in dealings],
        [mine for mine, _ in kinds],
        [theirs for _, theirs in kinds],
        [dealing.target for dealing in dealings],
        [monday_of(dealing.at.astimezone(UTC)) for dealing in dealings],
    ]
    try:
        with connection.cursor() as cursor:
            cursor.execute(TAKE, values)
    except IntegrityError:
        raise NotTaken("Nothing is taken in for this source.") from None


def _count(inbox: Inbox, outcome: str, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [inbox.pk, outcome, number])


@transaction.atomic
def name_handles(source: Source, *, lines: Iterable[str], by: Person, at: datetime) -> int:
    """Take what a service calls people, for those who granted the source; of everybody else nothing is kept.

    :param lines: of a CSV with two columns: what the service calls somebody, and their e-mail address
    :raises NoList: it has no such row
    """
    rows = [(row[0], row[1]) for row in csv.reader(lines) if len(row) > 1 and "@" in row[1]]
    if not rows:
        raise NoList("No row has two columns: what the service calls somebody, and their e-mail address.")
    people = list(OpenGrant.objects.for_scoring().filter(source=source).values_list("person_id", flat=True).distinct())
    with (
        data_use(PurposeKey.SCORING, by=by, about=people, reason="Learning what a service calls you", at=at),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT scoring_name_handles(%s, %s, %s)", [source.pk, *map(list, zip(*rows, strict=True))])
        (named,) = cursor.fetchone()
    record(events.HandlesNamed(source.pk, named), by=by, at=at)
    return int(named)


def close_weeks(*, at: datetime) -> None:
    """Count each week that is over, and destroy its key. A week is closed wholly or not at all."""
    over = monday_of(at - OVER_AFTER)
    failed = None
    for source, week in WeekKey.objects.filter(week__lte=over).order_by("week").values_list("source_id", "week"):
        try:
            _close_week(source, week, at=at)
        except DatabaseError as error:  # the others are closed all the same
            failed = error
    if failed:
        raise failed
    with connection.cursor() as cursor:
        cursor.execute("SELECT scoring_wipe_closed_weeks()")


@transaction.atomic
def _close_week(source: UUID, week: date, *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT scoring_sighted_people(%s, %s)", [source, week])
        (people,) = cursor.fetchone()
        with data_use(PurposeKey.SCORING, by=None, about=people, reason="Counting a week of events", at=at):
            cursor.execute("SELECT scoring_close_week(%s, %s)", [source, week])
            (written,) = cursor.fetchone()
    record(events.WeekClosed(source, str(week), written), by=None, at=at)


class NotOpened(DomainError):
    """A source has one inbox."""


class NotTaken(DomainError):
    """The inbox was closed, or its source retired."""


class NoList(DomainError):
    """Nobody can be told from it."""
