"""Asking to be erased: in one transaction everything is withdrawn, the account is shut and a deadline stands."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.domain import jobs
from accounts.domain.addresses import site_of
from accounts.domain.sessions import end_sessions_of
from accounts.errors import DomainError
from accounts.models import Job, Person, RoleHeld
from accounts.states import JOB_OVER, Role
from accounts.tenants.context import current_schema, current_time_zone, in_public
from accounts.tenants.models import Company
from consent import events
from consent.audit.domain.recording import commitment, record
from consent.domain import journal
from consent.domain.choices import leave
from consent.domain.erasure_mail import tell_person
from consent.domain.obligations import open_obligation
from consent.domain.references import new_reference
from consent.models import DeadlinePolicy, Erasure, Obligation, Processor
from consent.states import ObligationKind

JOB_KIND = "erase_people"
ASK = """
INSERT INTO consent_erasure
    (id, person, reference, obligation_id, requested_by, letter, token_digest, commitment, fully_erased_on)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class Asked:
    """An erasure, and the token of the link to it. Nobody keeps the token but whoever has the link."""

    erasure: Erasure
    token: str


@transaction.atomic
def request_erasure(person: Person, *, by: Person, at: datetime, letter: str = "") -> Asked:
    """Erase a person: with this commit nothing about them is read, scored or sent; what is left goes within minutes.

    :param by: the person, or an officer acting on a letter
    :param letter: how and when that letter came; blanked when the erasure ends
    :raises AskedAlready: it was asked for before
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    _refuse_twice(person)
    reference, token = new_reference("E"), secrets.token_urlsafe(32)
    record(events.ErasureRequested(reference, by_letter=bool(letter)), by=by, at=at, about=person.pk)
    obligation = _ask(person, reference, token, letter, by=by, at=at)
    if person.is_active:
        leave(person, at=at)
    journal.erased(person.pk, at=at)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    end_sessions_of(person.pk)
    if _was_last_owner(person):
        record(events.LastOwnerLeft(), by=by, at=at)
    start_erasing(at=at)
    erasure = Erasure.objects.select_related("obligation").get(obligation=obligation)
    tell_person(erasure, person.email, link=link_of(token))
    return Asked(erasure, token)


def erase_again(person: Person, *, at: datetime) -> int:
    """After a restore: erase somebody who was erased before. Returns 0 where that is under way already."""
    if Erasure.objects.filter(person=person.pk).exists():
        return 0
    request_erasure(person, by=person, at=at)
    return 1


def start_erasing(*, at: datetime) -> None:
    """Have a worker erase whoever waits, unless one is at it."""
    if not Job.objects.filter(kind=JOB_KIND).exclude(state__in=JOB_OVER).exists():
        jobs.start(JOB_KIND, title="Erasing people who asked for it", arguments={}, by=None, at=at)


def link_of(token: str) -> str:
    """The address of the page that works without an account."""
    schema = current_schema()
    with in_public():
        host = Company.objects.values_list("host__domain", flat=True).get(schema_name=schema)
    return f"{site_of(host)}/left/{token}/"


def promised(*, at: datetime) -> tuple[datetime, date]:
    """What would be promised now: until when our own rows go, and when nobody holds anything any more."""
    policy = DeadlinePolicy.objects.get(kind=ObligationKind.ERASURE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_due(%s, %s, %s)", [at, policy.days, policy.in_working_days])
        (due,) = cursor.fetchone()
    return due, fully_erased_on(due)


def people_with_address(address: str) -> list[Person]:
    """Whoever has this address, as the one they sign in with or as a further one."""
    address = address.strip().lower()
    return list(Person.objects.filter(Q(email=address) | Q(emailaddress__email__iexact=address)).distinct())


def find_by_token(token: str) -> Erasure | None:
    """The erasure that a link leads to."""
    return Erasure.objects.select_related("obligation").filter(token_digest=_digest(token)).first()


def salt_of(token: str) -> bytes:
    """The salt of the certificate's commitment to the person's address: only who has the link can work it out."""
    return hmac.digest(token.encode(), b"assent certificate of erasure", "sha256")


def fully_erased_on(due_at: datetime) -> date:
    """The one honest date: when our rows, the backups and everybody outside have forgotten."""
    windows = Processor.objects.aggregate(longest=Max("window_days"))["longest"] or 0
    days = max(settings.BACKUPS_KEPT_FOR_DAYS, windows)
    return timezone.localtime(due_at, current_time_zone()).date() + timedelta(days=days)


def _ask(person: Person, reference: str, token: str, letter: str, *, by: Person, at: datetime) -> Obligation:
    erasure: UUID = uuid4()
    obligation = open_obligation(ObligationKind.ERASURE, person=person.pk, thing=erasure, by=by, at=at)
    whose = commitment(salt_of(token), person.email)
    last_day = fully_erased_on(obligation.due_at)
    with connection.cursor() as cursor:
        cursor.execute(
            ASK,
            [erasure, person.pk, reference, obligation.pk, by.pk, letter, _digest(token), whose, last_day],
        )
    return obligation


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _refuse_twice(person: Person) -> None:
    before = Erasure.objects.filter(person=person.pk).first()
    if before:
        raise AskedAlready(f"This was asked for already: {before.reference}. It needs no second time.")


def _was_last_owner(person: Person) -> bool:
    owners = RoleHeld.objects.filter(role=Role.OWNER)
    return owners.filter(person=person).exists() and not owners.filter(person__is_active=True).exists()


class AskedAlready(DomainError):
    """One erasure is enough."""
