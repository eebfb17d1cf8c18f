"""Canonical JSON (RFC 8785) for what two others decide: the same content is the same bytes, on every machine.

Payloads of proposals hold texts, whole numbers, truths, lists and objects with plain keys; in that part of JSON the
standard library writes RFC 8785 to the letter. All else is refused, since there the two would differ.
"""

import hashlib
import json
from typing import Any

LARGEST = 2**53 - 1  # RFC 8785 writes numbers as ECMAScript does: exact up to here


def canonical(payload: dict[str, Any]) -> str:
    """Write a payload as RFC 8785 has it.

    :raises NotCanonical: it holds a fraction, a number too large, or a key that is not plain ASCII
    """
    _refuse_others(payload)
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(text: str) -> str:
    """SHA-256 of the text's UTF-8, in small hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_others(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise NotCanonical(f"{key!r} cannot be a key of a payload.")
            _refuse_others(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_others(inner)
    elif isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical(f"{value} is too large to mean the same everywhere.")
    elif not (value is None or isinstance(value, str)):
        raise NotCanonical(f"{value!r} cannot stand in a payload.")


class NotCanonical(ValueError):
    """The payload holds something whose text could differ between writers."""
