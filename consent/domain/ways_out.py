"""Leaving by a link in a mail, without signing in: everything, with one press of one button (ADR 21).

The link holds the person's opaque id, encrypted and authenticated (AES-SIV, RFC 5297) under a key that is made of
SECRET_KEY for this alone, and bound to the company. So nobody can forge one or use it in another company, and no
address of a page that may stand in a log names anybody. It does not expire: mail is old when people look for it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.domain.addresses import site_here
from accounts.errors import DomainError
from accounts.models import Person
from accounts.tenants.context import current_schema
from consent.domain.choices import leave, lock_person
from consent.models import Choice, OpenGrant
from consent.states import ChoiceKind

SALT, SCOPE = "consent.ways_out", b"everything"


def ways_out(people: Iterable[UUID]) -> dict[UUID, str]:
    """Each person's link. None on the platform, where nobody is scored. Called by the room that makes mail."""
    if current_schema() == settings.PLATFORM_SCHEMA:
        return {}
    site = site_here()
    return {
        person: site + reverse("way_out", args=[_token(person)], urlconf=settings.ROOT_URLCONF) for person in people
    }


def person_of(token: str) -> Person | None:
    """Who leaves by this link; None once they are erased.

    :raises NoWayOut: it was never a link of this company's
    """
    return Person.objects.filter(pk=_opaque_id(token), is_active=True).first()


@transaction.atomic
def leave_by_link(person: Person, *, at: datetime) -> Choice:
    """Withdraw everything that is open. Pressed again it changes nothing, and names the same reference."""
    lock_person(person)
    last = Choice.objects.filter(person=person).order_by("-made_at", "-pk").first()
    is_closed = not OpenGrant.objects.filter(person=person).exists()
    if last and last.kind == ChoiceKind.WITHDRAW and is_closed:
        return last
    return leave(person, at=at)


def _token(person: UUID) -> str:
    sealed = _cipher(settings.SECRET_KEY).encrypt(person.bytes, _bound_to())
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def _opaque_id(token: str) -> UUID:
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            return UUID(bytes=_cipher(secret).decrypt(sealed, _bound_to()))
        except (InvalidTag, ValueError):
            continue
    raise NoWayOut(
        "This link is not whole, or not of this company. Copy all of it from the mail, or sign in and leave."
    )


def _cipher(secret: str) -> AESSIV:
    return AESSIV(salted_hmac(SALT, "key", secret=secret, algorithm="sha512").digest())


def _bound_to() -> list[bytes]:
    return [SCOPE, current_schema().encode()]


class NoWayOut(DomainError):
    """Nobody made this link here."""

    status = 404
    title = "This link leads nowhere"
