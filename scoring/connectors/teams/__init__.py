"""A Microsoft Teams export: a zip of JSON, a folder for each team.

Read of a message: who wrote it, in answer to which, whom it mentions, who reacted. Only standard channels of teams that
all of the company may join are opened: chats, meetings, private and shared channels are not.
"""

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
    "The zip of a Teams export, unchanged: users, teams and their messages as JSON. Chats, private teams, private and"
    " shared channels are counted and never opened."
)
FIELDS = (
    ("Id", "to know what an answer answers"),
    ("ReplyToId", "which message it answers"),
    ("CreatedDateTime", "to tell the week"),
    ("From.User.Id", "who wrote it"),
    ("Mentions[].Mentioned.User.Id", "whom it mentions"),
    ("Reactions[].User.User.Id", "who reacted to it"),
    ("ChannelIdentity.ChannelId", "to leave private channels unread"),
    ("MessageType", "to leave out what Teams writes by itself"),
    ("DeletedDateTime", "to leave out what was deleted"),
    ("Mail", "to recognise who granted the source"),
    ("MembershipType", "to leave private and shared channels unread"),
    ("Visibility", "to leave private teams unread"),
)
NEVER = (
    "What a message says, its subject and its attachments", "Chats between people", "Meetings and calls",
    "Private teams, private and shared channels", "Which reaction it was", "Job titles and telephone numbers",
)  # fmt: skip
MESSAGES_A_STEP = 1_000
AUTHORS_REMEMBERED = 500_000
# `teams/<team>/messages_<team>.json`, below a folder of the export's own or not.
_NAMES = re.compile(r"(?!/)(?!.*(?:^|/)\.)(?:[^/\\\x00-\x1f]+/){0,3}[^/\\\x00-\x1f]+\.(?:json|csv|txt)")
_MESSAGES = re.compile(r"(?:.*/)?teams/([^/]+)/messages_[^/]+\.json")
_USERS, _SETTINGS = "users/usersList.json", "teams/teamsSettings.json"
_READ_OF_A_MESSAGE = {re.split(r"[.\[]", name)[0] for name, _ in FIELDS}


def inspect(path: Path) -> None:
    """Look whether this is a Teams export in which people can be recognised.

    :raises FileRefused: it is no safe zip, lacks what an export has, or nobody in it has an address
    """
    with open_zip(path, names=_NAMES) as archive:
        _addresses(archive)
        _open_teams(archive)
        if not _conversations(archive):
            raise FileRefused(
                "The zip has no messages of teams, so it is no Teams export. Upload the export unchanged."
            )


def read(path: Path, options: dict[str, Any], door: Door) -> Iterator[int]:  # noqa: ARG001 - connectors share a shape
    """Stream the export through the door; yields how much of the zip is done, in bytes.

    A message is a row of the receipt, and so is each file of a private team or of chats, which is never opened.
    """
    with open_zip(path, names=_NAMES) as archive:
        addresses, open_teams, done = _addresses(archive), _open_teams(archive), 0
        for number, (name, team) in enumerate(_conversations(archive), 1):
            if team in open_teams:
                known = _Team(number, addresses, _standard_channels(archive, name), _authors(archive, name))
                for _ in _read_team(archive, name, known, door):
                    yield done
            else:
                door.private += 1
            done += archive.packed_size(name)
            yield done


class _Team:
    """Who is who in one team, who wrote what, and which of its channels are open to all of it."""

    def __init__(self, number: int, addresses: dict[str, str], channels: set[str], authors: dict[str, str]):
        self.number, self._addresses, self.channels, self.authors = number, addresses, channels, authors

    def address(self, user: str) -> str:
        """A member without an address is still a colleague."""
        return self._addresses.get(user) or f"{user}@teams"


def _read_team(archive: SafeZip, name: str, team: _Team, door: Door) -> Iterator[None]:
    for number, message in _messages(archive, name):
        # Where it stands is told without the team's name, which may say what people work on.
        where = f"file {team.number} of messages, message {number}"
        try:
            _take(message, team, door)
        except RowRefused as refusal:
            door.refuse(where, str(refusal))
        except (AttributeError, KeyError, TypeError):
            door.refuse(where, "This is not built as Teams builds messages.")
        if not number % MESSAGES_A_STEP:
            yield


def _take(message: dict[str, Any], team: _Team, door: Door) -> None:
    if message["ChannelIdentity"]["ChannelId"] not in team.channels:
        door.private += 1
        return
    author = _user(message.get("From"))
    if message.get("MessageType") != "message" or message.get("DeletedDateTime") or author is None:
        door.rows[LEFT_OUT] += 1
        return
    week, outcome = door.calendar.week(message["CreatedDateTime"]), LEFT_OUT
    for actor, act, target in list(_dealings(message, author, team)):
        outcome = max(outcome, door.meet(team.address(actor), KINDS[act], team.address(target), week))
    door.rows[outcome] += 1


def _dealings(message: dict[str, Any], author: str, team: _Team) -> Iterator[tuple[str, Act, str]]:
    """Who did what towards whom. A reaction counts in the week of the message, as with the other chats."""
    if answered := team.authors.get(message.get("ReplyToId") or ""):
        yield author, Act.ANSWERED, answered
    for mentioned in {_user(each.get("Mentioned")) for each in message.get("Mentions") or []} - {None}:
        yield author, Act.MENTIONED, mentioned
    for reactor in {_user(each.get("User")) for each in message.get("Reactions") or []} - {None}:
        yield reactor, Act.REACTED, author


def _user(who: dict[str, Any] | None) -> Any:
    """The id of a person; applications and conversations are none."""
    return ((who or {}).get("User") or {}).get("Id")


def _messages(archive: SafeZip, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Of each message no more than the fields that are read."""
    for number, item in enumerate(_items(archive, name), 1):
        whole = item if isinstance(item, dict) else {}
        yield number, {key: value for key, value in whole.items() if key in _READ_OF_A_MESSAGE}


def _authors(archive: SafeZip, name: str) -> dict[str, str]:
    """Who wrote the messages of a team: answers may stand before what they answer."""
    authors: dict[str, str] = {}
    for _, message in _messages(archive, name):
        if isinstance(message.get("From"), dict) and (author := _user(message["From"])):
            authors[str(message.get("Id"))] = author
            if len(authors) > AUTHORS_REMEMBERED:
                del authors[next(iter(authors))]
    return authors


def _conversations(archive: SafeZip) -> list[tuple[str, str]]:
    """Files of messages with their team; those of chats have none."""
    files = [name for name in sorted(archive.members) if name.rpartition("/")[2].startswith("messages_")]
    return [(name, found[1] if (found := _MESSAGES.fullmatch(name)) else "") for name in files]


def _addresses(archive: SafeZip) -> dict[str, str]:
    users = _items(archive, _member(archive, _USERS))
    found = {str(user["Id"]): str(user["Mail"]) for user in users if isinstance(user, dict) and user.get("Mail")}
    if not found:
        raise FileRefused(
            "The export names no e-mail addresses, so nobody can be recognised. Export the users with it."
        )
    return found


def _open_teams(archive: SafeZip) -> set[str]:
    """Teams that all of the company may join. Of whatever does not say so, nothing is read."""
    settings = _items(archive, _member(archive, _SETTINGS))
    return {str(team.get("Id")) for team in settings if isinstance(team, dict) and _is(team, "Visibility", "public")}


def _standard_channels(archive: SafeZip, messages: str) -> set[str]:
    name = messages.replace("messages_", "channels_")
    channels = _items(archive, name) if name in archive.members else []
    return {
        str(each.get("Id")) for each in channels if isinstance(each, dict) and _is(each, "MembershipType", "standard")
    }


def _is(item: dict[str, Any], key: str, value: str) -> bool:
    return str(item.get(key)).lower() == value


def _member(archive: SafeZip, ending: str) -> str:
    found = next((name for name in archive.members if f"/{name}".endswith(f"/{ending}")), None)
    if found is None:
        raise FileRefused(f"The zip has no {ending}, so it is no Teams export. Upload the export unchanged.")
    return found


def _items(archive: SafeZip, name: str) -> Iterator[Any]:
    with archive.open(name) as stream:
        yield from items_of(TextIOWrapper(stream, encoding="utf-8"), "A file")
