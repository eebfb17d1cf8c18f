"""Canonical JSON (RFC 8785) for what two others decide: the same content is the same bytes, on every machine."""

import hashlib
from typing import Any

import rfc8785


def canonical(payload: dict[str, Any]) -> str:
    """Write a payload as RFC 8785 has it: texts, whole numbers, truths, lists and objects.

    :raises NotCanonical: it holds a fraction, whose text PostgreSQL could write otherwise, or what is no JSON
    """
    _refuse_fractions(payload)
    try:
        return rfc8785.dumps(payload).decode()
    except rfc8785.CanonicalizationError as error:
        raise NotCanonical(str(error)) from error


def digest_of(text: str) -> str:
    """SHA-256 of the text's UTF-8, in small hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_fractions(value: Any) -> None:
    if isinstance(value, float):
        raise NotCanonical(f"{value!r} cannot stand in a payload.")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_fractions(inner)


class NotCanonical(ValueError):
    """The payload holds something whose text could differ between writers."""
