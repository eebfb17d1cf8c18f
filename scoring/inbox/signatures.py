"""Signatures of the services, over the raw body and in constant time."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable

from scoring.inbox.deliveries import Delivery, NotSigned

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"


def check_hex(given: str, prefix: str, message: bytes, secrets: Iterable[str]) -> None:
    """HMAC-SHA256, as `prefix` and lower-case hex.

    :raises NotSigned: by none of the secrets
    """
    _one_of((prefix + hmac.digest(s.encode(), message, "sha256").hex() for s in secrets), given)


def check_token(given: str, secrets: Iterable[str]) -> None:
    """A shared secret that the service sends along.

    :raises NotSigned: it is none of the secrets
    """
    _one_of(secrets, given)


def check_standard_webhook(delivery: Delivery, secrets: Iterable[str]) -> None:
    """Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature` (v1, several apart by spaces).

    :raises NotSigned: unsigned, by none of the secrets, or more than five minutes off
    """
    number, written = delivery.header("webhook-id"), delivery.header("webhook-timestamp")
    check_time(written, delivery)
    message = f"{number}.{written}.".encode() + delivery.body
    expected = ["v1," + b64encode(hmac.digest(_key(s), message, "sha256")).decode() for s in secrets]
    given = delivery.header("webhook-signature").split()
    if not number or not any(_is_one_of(expected, one) for one in given):
        raise NotSigned("The signature is missing or wrong. Compare the secret on both sides.")


def check_time(written: str, delivery: Delivery) -> None:
    """Insist that it was signed just now.

    :raises NotSigned: no Unix seconds, or more than five minutes from now
    """
    if not written.isdecimal() or len(written) > len("99999999999"):
        raise NotSigned("The time of signing is missing.")
    if abs(delivery.at.timestamp() - int(written)) > TOLERANCE_SECONDS:
        raise NotSigned("It was signed more than five minutes ago or ahead. Set the clock of the sender.")


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except (NotBase64, ValueError):
        return hashlib.sha256(secret.encode()).digest()  # no secret of this kind: nothing matches by accident


def _one_of(expected: Iterable[str], given: str) -> None:
    if not _is_one_of(expected, given):
        raise NotSigned("The signature is missing or wrong. Compare the secret on both sides.")


def _is_one_of(expected: Iterable[str], given: str) -> bool:
    """Looks at all of them, whichever matches."""
    matches = [hmac.compare_digest(one.encode(), given.encode()) for one in expected]
    return any(matches)
