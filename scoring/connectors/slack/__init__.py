"""A Slack export: one JSON file for each public channel and day.

Read of a message: who wrote it, in answer to whom, whom it mentions, and who reacted to it. Its text is looked at for
mentions in memory and never kept. Facts: docs/connectors.md.
"""

import csv
import re
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from scoring.connectors.door import KINDS, LEFT_OUT, Door
from scoring.connectors.json_lists import items_of
from scoring.connectors.refusals import FileRefused, RowRefused
from scoring.connectors.zips import SafeZip, open_zip
from scoring.states import Act

HOW = (
    "The zip that Slack’s export of public channels makes, unchanged. Direct messages and private channels are counted"
    " and never opened."
)
FIELDS = (
    ("ts", "to tell the week"),
    ("user", "who wrote it"),
    ("thread_ts", "which thread it answers"),
    ("parent_user_id", "whose thread it answers"),
    ("text", "looked through for whom it mentions, in memory, and forgotten"),
    ("reactions[].users", "who reacted to it"),
    ("subtype", "to leave out what Slack writes by itself"),
    ("bot_id", "to leave out what bots write"),
    ("profile.email", "to recognise who granted the source"),
    ("is_bot", "to leave out what bots write"),
    ("channel name", "to leave private channels unread; kept with the place of a malformed message"),
)
NEVER = ("Direct messages", "Private channels", "Attached files", "Which reaction it was", "Names, titles and status")
PRIVATE_LISTS = ("dms.json", "groups.json", "mpims.json")
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
# What people write by hand. Joins, topics, bots and the like say nothing about anybody.
WRITTEN_BY_PEOPLE = {None, "thread_broadcast", "me_message", "file_share"}
MESSAGES_A_STEP = 1_000
SLACKBOT = {"U00", "USLACKBOT"}


class People:
    """Who stands behind a Slack id. A person without an address is still a colleague; a bot is none."""

    def __init__(self, addresses: dict[str, str], bots: set[str]):
        self._addresses, self._bots = addresses, bots

    def is_colleague(self, slack: str | None) -> bool:
        return bool(slack) and slack not in self._bots

    def address(self, slack: str) -> str:
        return self._addresses.get(slack) or f"{slack}@slack"


def inspect(path: Path) -> None:
    """Look whether this is a Slack export in which people can be recognised.

    :raises FileRefused: it is no safe zip, lacks what an export has, or nobody in it has an address
    """
    with open_zip(path) as archive:
        _public_channels(archive)
        _people(archive, beside(path))


def beside(path: Path) -> Path:
    """Where the list of ids and addresses lies that was uploaded with an export."""
    return path.with_name(f"{path.name}.addresses")


def read(path: Path, options: dict[str, Any], door: Door) -> Iterator[int]:  # noqa: ARG001 - connectors share a shape
    """Stream the export through the door; yields how much of the zip is done, in bytes.

    A message is a row of the receipt, and so is each file of a private conversation, which is never opened.
    """
    with open_zip(path) as archive:
        people = _people(archive, beside(path))
        public = _public_channels(archive)
        done, channel = 0, ""
        roots: dict[str, str] = {}
        for name in sorted(name for name in archive.members if "/" in name and name.endswith(".json")):
            folder = name.partition("/")[0]
            if folder != channel:
                channel, roots = folder, {}
            if folder in public:
                for _ in _read_day(archive, name, people, roots, door):
                    yield done
            else:
                door.private += 1
            done += archive.packed_size(name)
            yield done


def _read_day(archive: SafeZip, name: str, people: People, roots: dict[str, str], door: Door) -> Iterator[None]:
    """Read a channel's day; rests now and then, so that what came in can be handed on."""
    for number, message in enumerate(_items(archive, name), 1):
        try:
            door.rows[_take(message, people, roots, door)] += 1
        except RowRefused as refusal:
            door.refuse(f"{name}, message {number}", str(refusal))
        except (AttributeError, KeyError, TypeError):
            door.refuse(f"{name}, message {number}", "This is not built as Slack builds messages.")
        if not number % MESSAGES_A_STEP:
            yield


def _take(message: Any, people: People, roots: dict[str, str], door: Door) -> int:
    """What becomes of one message, whatever number of dealings it shows."""
    week, author = door.calendar.week_of_seconds(message["ts"]), message.get("user")
    if message.get("thread_ts") == message["ts"]:
        roots[message["ts"]] = author
    if message.get("subtype") not in WRITTEN_BY_PEOPLE or "bot_id" in message or not people.is_colleague(author):
        return LEFT_OUT
    dealings = [
        (people.address(actor), KINDS[act], people.address(target))
        for actor, act, target in _dealings(message, author, roots)
        if people.is_colleague(actor) and people.is_colleague(target)
    ]
    return max((door.meet(actor, kinds, target, week) for actor, kinds, target in dealings), default=LEFT_OUT)


def _dealings(message: dict[str, Any], author: str, roots: dict[str, str]) -> Iterator[tuple[str, Act, str]]:
    """Who did what towards whom. Slack does not say when somebody reacted: the day of the message stands for it."""
    if message.get("thread_ts") not in {None, message["ts"]}:
        root = message.get("parent_user_id") or roots.get(message["thread_ts"])
        yield author, Act.ANSWERED, root or author
    for mentioned in set(MENTION.findall(message.get("text") or "")):
        yield author, Act.MENTIONED, mentioned
    for reaction in message.get("reactions") or []:
        for user in reaction.get("users") or []:
            yield user, Act.REACTED, author


def _people(archive: SafeZip, listed: Path) -> People:
    users = [user for user in _items(archive, "users.json") if isinstance(user, dict)]
    bots = {str(user.get("id")) for user in users if user.get("is_bot")} | SLACKBOT
    found = {str(user.get("id")): (user.get("profile") or {}).get("email") for user in users}
    addresses = {slack: str(email) for slack, email in found.items() if email} | _listed(listed)
    if not addresses:
        raise FileRefused(
            "The export names no e-mail addresses, so nobody can be recognised. Upload a CSV of Slack ids and e-mail"
            " addresses with it."
        )
    return People(addresses, bots)


def _listed(path: Path) -> dict[str, str]:
    """The list of Slack ids and addresses: two columns, with or without headers."""
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = {row[0].strip(): row[1] for row in csv.reader(file) if len(row) > 1 and "@" in row[1]}
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileRefused("The list of addresses is not a CSV in UTF-8. Save it as “CSV UTF-8”.") from error
    if not found:
        raise FileRefused("The list of addresses has no row with a Slack id and an e-mail address.")
    return found


def _public_channels(archive: SafeZip) -> set[str]:
    """Folders of public channels. All others are private, whatever list they stand on or do not."""
    private = {name for listed in PRIVATE_LISTS if listed in archive.members for name in _names(archive, listed)}
    return _names(archive, "channels.json") - private


def _names(archive: SafeZip, name: str) -> set[str]:
    """What the folders of these conversations are called: channels by name, direct messages by id."""
    entries = [entry for entry in _items(archive, name) if isinstance(entry, dict)]
    return {str(entry[key]) for entry in entries for key in ("id", "name") if entry.get(key)}


def _items(archive: SafeZip, name: str) -> Iterator[Any]:
    if name not in archive.members:
        raise FileRefused(f"The zip has no {name}, so it is no Slack export. Upload the export unchanged.")
    with archive.open(name) as stream:
        yield from items_of(TextIOWrapper(stream, encoding="utf-8"), name)
