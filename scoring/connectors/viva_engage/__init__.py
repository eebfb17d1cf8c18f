"""A Viva Engage (Yammer) network export: Users.csv and Messages.csv in a zip.

Read of a message: who wrote it, in answer to whom, whom it mentions. Its body is looked at for mentions in memory and
never kept. Private, deleted and system messages are not read.
"""

import csv
import re
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from scoring.connectors.door import KINDS, LEFT_OUT, Door
from scoring.connectors.refusals import FileRefused, RowRefused
from scoring.connectors.zips import SafeZip, open_zip
from scoring.states import Act

HOW = (
    "The zip that Viva Engage’s network data export makes, unchanged. Private conversations are counted and never read."
)
FIELDS = (
    ("id", "to know what an answer answers"),
    ("sender_id", "who wrote it"),
    ("replied_to_id", "which message it answers"),
    ("body", "looked through for whom it mentions, in memory, and forgotten"),
    ("created_at", "to tell the week"),
    ("in_private_conversation", "to leave private messages unread"),
    ("deleted_at", "to leave out what was deleted"),
    ("message_type", "to leave out what the network writes by itself"),
    ("email", "to recognise who granted the source"),
)
NEVER = ("Private conversations", "Attachments", "Titles, groups and topics", "Job titles, places and departments")
MENTION = re.compile(r"\[\[user:(\d+)\]\]")
ROWS_A_STEP = 1_000
LONGEST_FIELD = 1 << 22
# Enough for answers to be matched with what they answer, little enough for any export to fit in memory.
AUTHORS_REMEMBERED = 500_000
NEEDED = {"Users.csv": {"id", "email"}, "Messages.csv": {"id", "sender_id", "replied_to_id", "created_at"}}

Row = dict[str, str]


def inspect(path: Path) -> None:
    """Look whether this is a network export at all.

    :raises FileRefused: it is no safe zip, or lacks what an export has
    """
    with open_zip(path) as archive:
        for name in NEEDED:
            next(_rows(archive, name), None)


def read(path: Path, options: dict[str, Any], door: Door) -> Iterator[int]:  # noqa: ARG001 - connectors share a shape
    """Stream the export through the door; yields how much of the zip is done, in bytes, as far as can be told."""
    with open_zip(path) as archive:
        addresses = {row["id"]: row["email"] for _, row in _rows(archive, "Users.csv") if "@" in row["email"]}
        authors: dict[str, str] = {}
        for number, (line, row) in enumerate(_rows(archive, "Messages.csv")):
            try:
                _take(row, addresses, authors, door)
            except RowRefused as refusal:
                door.refuse(f"Messages.csv, line {line}", str(refusal))
            if not number % ROWS_A_STEP:
                yield archive.position()


def _take(row: Row, addresses: dict[str, str], authors: dict[str, str], door: Door) -> None:
    if row.get("in_private_conversation", "").strip().lower() == "true":
        door.private += 1
        return
    if not _is_null(row.get("deleted_at", "")) or row.get("message_type", "").strip().lower() == "system":
        door.rows[LEFT_OUT] += 1
        return
    week, sender = door.calendar.week(row["created_at"]), _address(row["sender_id"], addresses)
    _remember(row["id"], sender, authors)
    dealings = [(KINDS[Act.MENTIONED], _address(user, addresses)) for user in set(MENTION.findall(row.get("body", "")))]
    if row["replied_to_id"] in authors:
        dealings.append((KINDS[Act.ANSWERED], authors[row["replied_to_id"]]))
    outcomes = [door.meet(sender, kinds, target, week) for kinds, target in dealings]
    door.rows[max(outcomes, default=LEFT_OUT)] += 1


def _remember(message: str, author: str, authors: dict[str, str]) -> None:
    authors[message] = author
    if len(authors) > AUTHORS_REMEMBERED:
        del authors[next(iter(authors))]


def _address(user: str, addresses: dict[str, str]) -> str:
    """A member without an address is still a colleague."""
    if _is_null(user):
        raise RowRefused("The message has no sender.")
    return addresses.get(user) or f"{user}@viva-engage"


def _rows(archive: SafeZip, name: str) -> Iterator[tuple[int, Row]]:
    """The rows of one of the export's tables, with their lines, by header in small letters."""
    member = next((each for each in archive.members if each.rpartition("/")[2].lower() == name.lower()), None)
    if member is None:
        raise FileRefused(f"The zip has no {name}, so it is no network export. Upload the export unchanged.")
    csv.field_size_limit(LONGEST_FIELD)
    with archive.open(member) as stream:
        reader = csv.reader(TextIOWrapper(stream, encoding="utf-8-sig", newline=""))
        try:
            headers = [header.strip().lower() for header in next(reader, [])]
            if missing := NEEDED[name] - set(headers):
                raise FileRefused(
                    f"{name} lacks the columns {', '.join(sorted(missing))}. Upload the export unchanged."
                )
            empty = dict.fromkeys(headers, "")
            for row in reader:
                yield reader.line_num, empty | dict(zip(headers, row, strict=False))
        except UnicodeDecodeError as error:
            raise FileRefused(f"{name} is not UTF-8. Upload the export unchanged.") from error
        except csv.Error as error:
            raise FileRefused(f"{name} breaks off being CSV at line {reader.line_num}: {error}.") from error


def _is_null(value: str) -> bool:
    return value.strip().lower() in {"", "null"}
