"""The keys a log signs with: one after the other, each sealed under a key that the database never sees."""

import os
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from consent.audit.domain import notes
from consent.audit.domain.recording import record
from consent.audit.events import KeyMade
from consent.audit.models import SigningKey

OVERLAP = timedelta(days=30)  # how long the old key signs beside the new: time for those outside to learn it
NONCE = 12


@transaction.atomic
def make_key(*, at: datetime) -> SigningKey:
    """Make the log's next key. The entry that names it is sealed under the old one, which so vouches for the new.

    The first key gives the log its name (its origin), which says where it lives and never changes afterwards.
    """
    first = SigningKey.objects.order_by("id").first()
    name = first.name if first else f"{settings.PLATFORM_HOST}/{uuid4()}"
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key = SigningKey.objects.create(
        name=name, public=public, sealed_private=_seal(private.private_bytes_raw(), name, public), made_at=at
    )
    record(KeyMade(vkey=str(public_key(key))), by=None, at=at)
    return key


def public_keys() -> list[notes.Key]:
    """All keys this log has ever signed with, oldest first."""
    return [public_key(key) for key in SigningKey.objects.order_by("id")]


def public_key(key: SigningKey) -> notes.Key:
    return notes.Key(key.name, bytes(key.public))


def signing_keys(*, at: datetime) -> list[SigningKey]:
    """The newest key, and before it those whose successor is younger than the overlap."""
    keys = list(SigningKey.objects.order_by("id"))
    return [key for key, later in pairwise(keys) if at < later.made_at + OVERLAP] + keys[-1:]


def sign(text: str, keys: list[SigningKey]) -> str:
    """Make a signed note of a text, with a line for each key.

    :raises WrongLedgerKey: `LEDGER_KEY` is not the one that sealed them
    """
    return text + "\n" + "".join(notes.sign(text, key.name, _unseal(key)) for key in keys)


def _seal(private: bytes, name: str, public: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(_sealing_key(name)).encrypt(nonce, private, public)


def _unseal(key: SigningKey) -> Ed25519PrivateKey:
    sealed = bytes(key.sealed_private)
    try:
        private = AESGCM(_sealing_key(key.name)).decrypt(sealed[:NONCE], sealed[NONCE:], bytes(key.public))
    except InvalidTag:
        raise WrongLedgerKey(
            f"LEDGER_KEY does not open the signing key of {key.name}. Set the one it was made under."
        ) from None
    return Ed25519PrivateKey.from_private_bytes(private)


def _sealing_key(name: str) -> bytes:
    """A key for this log alone, from the one of the whole installation."""
    derivation = HKDF(SHA256(), length=32, salt=None, info=b"assent ledger signing key " + name.encode())
    return derivation.derive(settings.LEDGER_KEY.encode())


class WrongLedgerKey(RuntimeError):
    """The signing key in the database was sealed under another `LEDGER_KEY`."""
