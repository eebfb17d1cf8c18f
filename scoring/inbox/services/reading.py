"""Reading JSON that somebody else built: clear refusals instead of tracebacks."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from scoring.inbox.deliveries import Delivery, NotUnderstood


def body_of(delivery: Delivery) -> dict[str, Any]:
    """Read the JSON object that a delivery is.

    :raises NotUnderstood: it is no JSON object
    """
    told = json_of(delivery)
    if not isinstance(told, dict):
        raise NotUnderstood("The body is no JSON object.")
    return told


def json_of(delivery: Delivery) -> Any:
    try:
        return json.loads(delivery.body)
    except (ValueError, RecursionError):
        raise NotUnderstood("The body is no JSON in UTF-8.") from None


@contextmanager
def built_as(service: str) -> Iterator[None]:
    """Whatever is missing or of another shape: nothing is counted, and its sender is told so."""
    try:
        yield
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError):
        raise NotUnderstood(f"This is not built as {service} builds events.") from None


def instant(written: Any) -> datetime:
    """ISO 8601, or Unix seconds as a number or written.

    :raises ValueError: it is neither
    """
    if isinstance(written, int | float) or str(written).replace(".", "", 1).isdecimal():
        return datetime.fromtimestamp(float(written), UTC)
    read = datetime.fromisoformat(str(written))
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def number_of(delivery: Delivery) -> str:
    """For services that sign the body alone: whoever sends it again can change the number in a header."""
    return hashlib.sha256(delivery.body).hexdigest()


def text(value: Any) -> str:
    """Insist that something is there: a name or a number.

    :raises TypeError: it is no text and no number
    """
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise TypeError
    return str(value)
