"""A mailbox: an mbox, or a zip or tar of a maildir. Headers only: reading stops at the empty line before the text."""

import re
from collections.abc import Iterator
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import Any

from scoring.connectors.door import KINDS, LEFT_OUT, Door
from scoring.connectors.mail.boxes import Mail, mails
from scoring.connectors.refusals import FileRefused, RowRefused
from scoring.states import Act

HOW = "An mbox file, or a zip or tar of a maildir. Of a mail only headers are read: the text below is not looked at."
FIELDS = (
    ("Date", "to tell the week"),
    ("From", "who wrote it"),
    ("To", "to whom"),
    ("Cc", "who else was to know"),
    ("Message-ID", "to know what an answer answers"),
    ("In-Reply-To", "which mail it answers"),
    ("Sensitivity", "to leave unread what its writer marked as private"),
    ("Auto-Submitted", "to leave out what a machine wrote"),
)
NEVER = (
    "What a mail says", "Its subject", "Attachments", "Blind copies", "Names of folders and of people",
    "Calendars and invitations",
)  # fmt: skip
WANTED = frozenset(name.lower() for name, _ in FIELDS)
# A mail to more people is a round mail: it tells nothing about whom its writer deals with.
MOST_ADDRESSEES = 20
AUTHORS_REMEMBERED = 500_000
MAILS_A_STEP = 1_000
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")


def inspect(path: Path) -> None:
    """Look whether this is a mailbox at all.

    :raises FileRefused: it is neither mbox nor an archive of a maildir, or holds no mail with a sender
    """
    first = next((mail for _, mail in mails(path, WANTED)), None)
    if first is None or "from" not in first.headers:
        raise FileRefused("The first mail names no sender. Export the mailbox again, with all its headers.")


def read(path: Path, options: dict[str, Any], door: Door) -> Iterator[int]:  # noqa: ARG001 - connectors share a shape
    """Stream the mailbox through the door; yields how much of it is done, in bytes. A mail is a row of the receipt.

    It is read twice: in many mailboxes answers stand before what they answer.
    """
    authors: dict[str, str] = {}
    for number, (position, mail) in enumerate(mails(path, WANTED)):
        _remember(mail, authors)
        if not number % MAILS_A_STEP:
            yield position // 2
    half = path.stat().st_size // 2
    for number, (position, mail) in enumerate(mails(path, WANTED)):
        try:
            _take(mail, authors, door)
        except RowRefused as refusal:
            door.refuse(mail.where, str(refusal))
        if not number % MAILS_A_STEP:
            yield half + position // 2


def _remember(mail: Mail, authors: dict[str, str]) -> None:
    found = _MESSAGE_ID.search(mail.headers.get("message-id", ""))
    sender = _addresses(mail, "from")
    if found and sender:
        authors[found[0]] = sender[0]
        if len(authors) > AUTHORS_REMEMBERED:
            del authors[next(iter(authors))]


def _take(mail: Mail, authors: dict[str, str], door: Door) -> None:
    if mail.headers.get("sensitivity", "").lower() in {"personal", "private"}:
        door.private += 1
        return
    if mail.headers.get("auto-submitted", "no").lower() != "no":
        door.rows[LEFT_OUT] += 1
        return
    week, sender = door.calendar.week_of_seconds(_sent(mail)), _addresses(mail, "from")
    if not sender:
        raise RowRefused("The mail names no e-mail address of its sender.")
    outcomes = [door.meet(sender[0], KINDS[act], target, week) for act, target in _dealings(mail, authors)]
    door.rows[max(outcomes, default=LEFT_OUT)] += 1


def _dealings(mail: Mail, authors: dict[str, str]) -> list[tuple[Act, str]]:
    """Whom it answers, and to whom it is addressed besides."""
    found = _MESSAGE_ID.search(mail.headers.get("in-reply-to", ""))
    answered = authors.get(found[0]) if found else None
    addressees = {address.casefold() for address in _addresses(mail, "to") + _addresses(mail, "cc")}
    mentioned = addressees - {(answered or "").casefold()} if len(addressees) <= MOST_ADDRESSEES else set()
    return [(Act.ANSWERED, answered)] * bool(answered) + [(Act.MENTIONED, address) for address in sorted(mentioned)]


def _addresses(mail: Mail, header: str) -> list[str]:
    return [address for _, address in getaddresses([mail.headers.get(header, "")]) if "@" in address]


def _sent(mail: Mail) -> float:
    try:
        return parsedate_to_datetime(mail.headers.get("date", "")).timestamp()
    except (TypeError, ValueError, OverflowError) as error:
        raise RowRefused("The header Date is missing, or is no date.") from error
