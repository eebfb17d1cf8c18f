"""Secrets of inboxes: sealed in the database, so that a dump alone signs nothing."""

import os
import secrets
from base64 import b64encode
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from accounts.tenants.context import current_schema
from scoring.inbox.signatures import PREFIX
from scoring.models import Inbox

NONCE = 12


def make() -> str:
    """A new secret, in the shape that Standard Webhooks have and all others take."""
    return PREFIX + b64encode(secrets.token_bytes(32)).decode()


def seal(secret: str, source: object) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, secret.encode(), str(source).encode())


def of(inbox: Inbox) -> list[str]:
    """The secrets by which a delivery can be signed: the one in use, and the one before while both are good."""
    sealed = [bytes(one) for one in (inbox.sealed_secret, inbox.sealed_before) if one]
    return [secret for one in sealed for secret in _opened(one, inbox.pk)]


def _opened(sealed: bytes, source: object) -> Iterator[str]:
    """Under the installation's key or one that it had before; nothing where none of them fits."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            yield AESGCM(_key(key)).decrypt(sealed[:NONCE], sealed[NONCE:], str(source).encode()).decode()
        except InvalidTag:
            continue
        return


def _key(secret: str) -> bytes:
    info = b"assent inbox secrets of " + current_schema().encode()
    return HKDF(SHA256(), length=32, salt=None, info=info).derive(secret.encode())
