"""Reading who is what for a bias audit: from a file in memory, which is forgotten with the request."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from accounts.errors import DomainError

LARGEST = 2 * 1024 * 1024
MOST_ATTRIBUTES = 4
MOST_CATEGORIES = 40
LONGEST = 60
ADDRESS = ("address", "email", "e-mail")


@dataclass(frozen=True, repr=False)
class Answers:
    """By address: one text an attribute, empty where it is not known. No repr: it would end up in a traceback."""

    attributes: tuple[str, ...]
    by_address: dict[str, tuple[str, ...]]
    repeated: int


class NoAuditFile(DomainError):
    """The file cannot be read. Its sentence names lines and columns, and nobody."""


def read(content: bytes) -> Answers:
    """Take a table of addresses and attributes.

    :raises NoAuditFile: it is none, says two things of one address, or a column has too many different texts
    """
    rows = _rows(content)
    heading = next(rows, (0, []))[1]
    attributes = _attributes(heading)
    answers, repeated = _collected(rows, len(attributes))
    _refuse_too_many(attributes, answers)
    return Answers(attributes, {address: texts for address, (_, texts) in answers.items()}, repeated)


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    if len(content) > LARGEST:
        raise NoAuditFile("The file is larger than 2 MB. It needs an address and a few words a line.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoAuditFile("The file is no text in UTF-8. Save it as “CSV UTF-8”.") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error:
        raise NoAuditFile(f"Line {reader.line_num} cannot be read as CSV.") from None


def _attributes(heading: list[str]) -> tuple[str, ...]:
    if not heading:
        raise NoAuditFile("The file is empty. It begins with a line of headings: address, then what is audited.")
    if heading[0].casefold() not in ADDRESS:
        raise NoAuditFile("The first column must be called “address” and hold e-mail addresses.")
    attributes = tuple(heading[1:])
    if not 1 <= len(attributes) <= MOST_ATTRIBUTES:
        raise NoAuditFile(
            f"There are {len(attributes)} columns beside the address. There must be 1 to {MOST_ATTRIBUTES}."
        )
    if len({name.casefold() for name in attributes}) < len(attributes) or not all(attributes):
        raise NoAuditFile("Each column needs a heading of its own.")
    if max(map(len, attributes)) > LONGEST:
        raise NoAuditFile(f"A heading is longer than {LONGEST} letters.")
    return attributes


def _collected(rows: Iterator[tuple[int, list[str]]], width: int) -> tuple[dict[str, tuple[int, tuple[str, ...]]], int]:
    answers: dict[str, tuple[int, tuple[str, ...]]] = {}
    repeated = 0
    for line, (address, *texts) in rows:
        if len(texts) != width:
            raise NoAuditFile(f"Line {line} has {len(texts) + 1} columns. The heading has {width + 1}.")
        if max(map(len, texts)) > LONGEST:
            raise NoAuditFile(f"Line {line} has a text longer than {LONGEST} letters. An attribute is a word or two.")
        first, before = answers.setdefault(address.casefold(), (line, tuple(texts)))
        if before != tuple(texts):
            raise NoAuditFile(f"Lines {first} and {line} have the same address and say different things.")
        repeated += first != line
    if not answers:
        raise NoAuditFile("There is no line below the headings.")
    return answers, repeated


def _refuse_too_many(attributes: tuple[str, ...], answers: dict[str, tuple[int, tuple[str, ...]]]) -> None:
    for place, name in enumerate(attributes):
        if len({texts[place] for _, texts in answers.values()} - {""}) >= MOST_CATEGORIES:
            raise NoAuditFile(
                f"Column “{name}” has {MOST_CATEGORIES} different texts or more. Put them into fewer groups."
            )
