"""Reading a JSON list item by item: a day of a busy channel can be larger than memory."""

import json
from collections.abc import Iterator
from typing import IO, Any

from scoring.connectors.refusals import FileRefused

PIECE = 1 << 16
# An item that has not ended after so many characters never will.
LONGEST_ITEM = 4 << 20
_decoder = json.JSONDecoder()


def items_of(text: IO[str], name: str) -> Iterator[Any]:
    """The items of a JSON list, one at a time.

    :param name: what the text is called in a refusal
    :raises FileRefused: it is no JSON, no list, or not UTF-8
    """
    rest = _more(text, name).lstrip("\ufeff \t\r\n")
    if not rest.startswith("["):
        raise FileRefused(f"{name} in the zip is not a list. Upload the export unchanged.")
    rest = rest[1:]
    while True:
        rest = rest.lstrip(", \t\r\n")
        if rest.startswith("]"):
            return
        item, rest = _next(rest, text, name)
        yield item


def _next(rest: str, text: IO[str], name: str) -> tuple[Any, str]:
    """One item and what follows it; asks for more text until the item is whole."""
    while True:
        try:
            item, end = _decoder.raw_decode(rest)
        except (ValueError, RecursionError):
            more = "" if len(rest) > LONGEST_ITEM else _more(text, name, len(rest))
            if not more:
                raise FileRefused(f"{name} in the zip is not valid JSON. Download the export again.") from None
            rest = (rest + more).lstrip(", \t\r\n")
        else:
            return item, rest[end:]


def _more(text: IO[str], name: str, at_least: int = PIECE) -> str:
    """The next piece. Asking for as much as there is already keeps long items from being parsed again and again."""
    try:
        return text.read(max(PIECE, at_least))
    except UnicodeDecodeError as error:
        raise FileRefused(f"{name} in the zip is not UTF-8. Upload the export unchanged.") from error
