"""A Slack export: one JSON file for each public channel and day.

Read of a message: who wrote it, in answer to whom, whom it mentions, and who reacted to it. Its text is looked at for
mentions in memory and never kept. Facts: docs/connectors.md.
"""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from scoring.connectors.door import Door
from scoring.connectors.refusals import FileRefused
from scoring.connectors.zips import SafeZip, open_zip
from scoring.states import Act

PRIVATE_LISTS = ("dms.json", "groups.json", "mpims.json")
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
# A day of a channel is read as a whole; more than this would not be a day of talk.
LARGEST_DAY = 48 << 20
SLACKBOT = {"U00", "USLACKBOT"}


def inspect(path: Path) -> None:
    """Look whether this is a Slack export in which people can be recognised.

    :raises FileRefused: it is no safe zip, lacks what an export has, or nobody in it has an address
    """
    with open_zip(path) as archive:
        _public_folders(archive)
        _addresses(archive, beside(path))


def beside(path: Path) -> Path:
    """Where the list of ids and addresses lies that was uploaded with an export."""
    return path.with_name(f"{path.name}.addresses")


def read(path: Path, options: dict[str, Any], door: Door) -> Iterator[int]:
    """Stream the export through the door; yields messages read so far.

    :param options: `addresses`: Slack id → e-mail address, for exports without addresses
    """
    with open_zip(path) as archive:
        addresses = _addresses(archive, beside(path))
        public = _public_folders(archive)
        roots: dict[str, str] = {}
        for name in sorted(name for name in archive.members if "/" in name and name.endswith(".json")):
            messages = _load(archive, name)
            if name.partition("/")[0] not in public:
                door.receipt.private += len(messages)
                continue
            for index, message in enumerate(messages):
                _take(message, f"{name}:{index + 1}", addresses, roots, door)
            door.flush(at_least=0)
            yield door.receipt.read


def _addresses(archive: SafeZip, listed: Path) -> dict[str, str]:
    """Slack id → e-mail address, bots left out; the list beside the export wins."""
    users = [user for user in _load(archive, "users.json") if isinstance(user, dict) and not user.get("is_bot")]
    found = {user.get("id"): (user.get("profile") or {}).get("email") for user in users}
    addresses = {str(slack): str(email) for slack, email in found.items() if slack and email}
    addresses |= _listed(listed) if listed.exists() else {}
    if not addresses:
        raise FileRefused(
            "The export names no e-mail addresses, so nobody can be recognised. Upload a CSV of Slack ids and e-mail"
            " addresses with it."
        )
    return addresses


def _listed(path: Path) -> dict[str, str]:
    """The list of Slack ids and addresses: two columns, with or without headers."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = {row[0].strip(): row[1] for row in csv.reader(file) if len(row) > 1 and "@" in row[1]}
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileRefused("The list of addresses is not a CSV in UTF-8. Save it as “CSV UTF-8”.") from error
    if not found:
        raise FileRefused("The list of addresses has no row with a Slack id and an e-mail address.")
    return found


def _public_folders(archive: SafeZip) -> set[str]:
    """Folders of public channels. All others are private, whatever list they stand on or do not: never opened."""
    private = {
        str(entry.get(key))
        for name in PRIVATE_LISTS
        if name in archive.members
        for entry in _load(archive, name)
        for key in ("id", "name")
    }
    return {str(channel.get("name")) for channel in _load(archive, "channels.json")} - private


def _load(archive: SafeZip, name: str) -> list[Any]:
    if archive.members[name].file_size > LARGEST_DAY:
        raise FileRefused(f"{name} in the zip is larger than {LARGEST_DAY >> 20} MiB. Export smaller date ranges.")
    if name not in archive.members:
        raise FileRefused(f"The zip has no {name}, so it is no Slack export. Upload the export unchanged.")
    with archive.open(name) as stream:
        try:
            content = json.load(TextIOWrapper(stream, encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise FileRefused(f"{name} in the zip is not valid JSON. Download the export again.") from error
    if not isinstance(content, list):
        raise FileRefused(f"{name} in the zip is not a list. Upload the export unchanged.")
    return content


def _take(message: Any, where: str, addresses: dict[str, str], roots: dict[str, str], door: Door) -> None:
    """One message: a row of the receipt, whatever number of dealings it shows."""
    day = _day(message)
    if day is None:
        door.refuse(where, "The message has no readable time.")
        return
    if fault := door.day_fault(day):
        door.refuse(where, fault)
        return
    door.see_day(day.toordinal())
    author = message.get("user")
    if message.get("subtype") not in {None, "thread_broadcast", "me_message"} or message.get("bot_id") or not author:
        door.receipt.left_out += 1
        return
    if author in SLACKBOT:
        door.receipt.left_out += 1
        return
    if message.get("thread_ts") == message.get("ts"):
        roots[message["ts"]] = author
    with door.as_one_row():
        for actor, act, target in _dealings(message, author, roots):
            door.meet(addresses.get(actor, f"slack:{actor}"), act, addresses.get(target, f"slack:{target}"), day)


def _dealings(message: dict[str, Any], author: str, roots: dict[str, str]) -> Iterator[tuple[str, Act, str]]:
    thread = message.get("thread_ts")
    if thread and thread != message.get("ts"):
        root = message.get("parent_user_id") or roots.get(thread)
        if root:
            yield author, Act.ANSWERED, root
    for mentioned in set(MENTION.findall(message.get("text") or "")):
        yield author, Act.MENTIONED, mentioned
    for reaction in message.get("reactions") or []:
        for user in reaction.get("users") or []:
            yield user, Act.REACTED, author


def _day(message: Any) -> date | None:
    try:
        return datetime.fromtimestamp(float(message["ts"]), tz=UTC).date()
    except (TypeError, KeyError, ValueError, OverflowError, OSError):
        return None
