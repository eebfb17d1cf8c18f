"""Slack's Events API: messages and reactions in public channels that the app was added to."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from scoring.inbox.deliveries import Dealing, Delivery, Handshake, Told
from scoring.inbox.services.reading import body_of, built_as, instant, text
from scoring.inbox.signatures import check_hex, check_time
from scoring.states import Act

SETUP = (
    "In the Slack app’s Event Subscriptions enter the address, subscribe to message.channels and reaction_added, and"
    " paste the app’s signing secret here. Scopes: channels:history, reactions:read. Never groups, im or mpim."
)
FIELDS = (
    "type", "challenge", "event_id", "event_time", "event.type", "event.subtype", "event.bot_id", "event.channel_type",
    "event.user", "event.parent_user_id", "event.item_user", "event.item.channel", "event.text (for mentions alone)",
)  # fmt: skip
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
WRITTEN_BY_PEOPLE = {None, "thread_broadcast", "me_message", "file_share"}


def check(delivery: Delivery, secrets: Iterable[str]) -> None:
    written = delivery.header("x-slack-request-timestamp")
    check_time(written, delivery)
    message = b"v0:" + written.encode() + b":" + delivery.body
    check_hex(delivery.header("x-slack-signature"), "v0=", message, secrets)


def read(delivery: Delivery) -> Told | Handshake:
    told = body_of(delivery)
    with built_as("Slack"):
        if told["type"] == "url_verification":
            return Handshake(text(told["challenge"]))
        event, number = told["event"], text(told["event_id"])
        if event.get("channel_type", "channel") != "channel" or _is_between_two(event):
            return Told(number, is_private=True)
        at = instant(told["event_time"])
        return Told(number, [Dealing(at, *dealing) for dealing in _dealings(event)])


def _is_between_two(event: dict[str, Any]) -> bool:
    """A reaction does not say the type of its channel; those of direct messages begin with D."""
    return str((event.get("item") or {}).get("channel", "")).startswith("D")


def _dealings(event: dict[str, Any]) -> Iterator[tuple[Act, str, str]]:
    if event["type"] == "reaction_added" and event.get("item_user"):
        yield Act.REACTED, text(event["user"]), text(event["item_user"])
    if event["type"] != "message" or event.get("subtype") not in WRITTEN_BY_PEOPLE or "bot_id" in event:
        return
    author = text(event["user"])
    if event.get("parent_user_id"):
        yield Act.ANSWERED, author, text(event["parent_user_id"])
    for mentioned in sorted(set(MENTION.findall(event.get("text") or ""))):
        yield Act.MENTIONED, author, mentioned
