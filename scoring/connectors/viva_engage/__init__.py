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

from scoring.connectors.door import Door, day_of
from scoring.connectors.refusals import FileRefused
from scoring.connectors.zips import SafeZip, open_zip
from scoring.states import Act

MENTION = re.compile(r"\[\[user:(\d+)\]\]")
ROWS_A_STEP = 5_000
# Enough for answers to be matched with what they answer, little enough for any export to fit in memory.
AUTHORS_REMEMBERED = 500_000
NEEDED = {"Users.csv": {"id", "email"}, "Messages.csv": {"id", "sender_id", "replied_to_id", "created_at"}}


def inspect(path: Path) -> None:
    """Look whether this is a network export at all.

    :raises FileRefused: it is no safe zip, or lacks what an export has
    """
    with open_zip(path) as archive:
        for name in NEEDED:
            next(_rows(archive, name), None)


def read(path: Path, options: dict[str, Any], door: Door) -> Iterator[int]:  # noqa: ARG001 - connectors share a shape
    """Stream the export through the door; yields messages read so far."""
    with open_zip(path) as archive:
        addresses = {row["id"]: row["email"].lower() for _, row in _rows(archive, "Users.csv") if row.get("email")}
        authors: dict[str, str] = {}
        for line, row in _rows(archive, "Messages.csv"):
            _take(row, f"Messages.csv line {line}", addresses, authors, door)
            if line % ROWS_A_STEP == 0:
                door.flush(at_least=0)
                yield door.receipt.read
    yield door.receipt.read


def _take(row: dict[str, str], where: str, addresses: dict[str, str], authors: dict[str, str], door: Door) -> None:
    if row.get("in_private_conversation", "").lower() == "true":
        door.receipt.private += 1
        return
    if not _is_null(row.get("deleted_at")) or row.get("message_type") == "system":
        door.receipt.left_out += 1
        return
    sender, day = row["sender_id"], day_of(_iso(row["created_at"]))
    if day is None or not sender:
        door.refuse(where, "The message has no readable time." if sender else "The message has no sender.")
        return
    if fault := door.day_fault(day):
        door.refuse(where, fault)
        return
    door.see_day(day.toordinal())
    authors[row["id"]] = sender
    if len(authors) > AUTHORS_REMEMBERED:
        del authors[next(iter(authors))]
    dealings = [(Act.MENTIONED, user) for user in set(MENTION.findall(row.get("body") or ""))]
    if not _is_null(row["replied_to_id"]) and row["replied_to_id"] in authors:
        dealings.append((Act.ANSWERED, authors[row["replied_to_id"]]))
    with door.as_one_row():
        for act, target in dealings:
            door.meet(addresses.get(sender, f"viva:{sender}"), act, addresses.get(target, f"viva:{target}"), day)


def _rows(archive: SafeZip, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    member = next((each for each in archive.members if each.rpartition("/")[2].lower() == name.lower()), None)
    if member is None:
        raise FileRefused(f"The zip has no {name}, so it is no network export. Upload the export unchanged.")
    with archive.open(member) as stream:
        reader = csv.DictReader(TextIOWrapper(stream, encoding="utf-8-sig", newline=""))
        reader.fieldnames = [header.strip().lower() for header in reader.fieldnames or []]
        if missing := NEEDED[name] - set(reader.fieldnames):
            raise FileRefused(f"{name} lacks the columns {', '.join(sorted(missing))}. Upload the export unchanged.")
        csv.field_size_limit(1 << 24)
        try:
            for row in reader:
                yield reader.line_num, {key: value or "" for key, value in row.items() if isinstance(key, str)}
        except UnicodeDecodeError as error:
            raise FileRefused(f"{name} is not UTF-8. Upload the export unchanged.") from error
        except csv.Error as error:
            raise FileRefused(f"{name} breaks off being CSV at line {reader.line_num}: {error}.") from error


def _is_null(value: str | None) -> bool:
    return value is None or value.strip().lower() in {"", "null"}


def _iso(written: str) -> str:
    """`2026-01-31 10:20:30 UTC` and its like, as ISO 8601."""
    return written.strip().replace(" UTC", "Z").replace(" +0000", "Z").replace("/", "-")
