"""Zulip's outgoing webhook: what is said to a bot in a channel, and whom it mentions."""

import re
from collections.abc import Iterable

from scoring.inbox.deliveries import Dealing, Delivery, Told
from scoring.inbox.services.reading import body_of, built_as, instant, text
from scoring.inbox.signatures import check_token
from scoring.states import Act

SETUP = (
    "Add a bot of the type outgoing webhook with this address, and paste its token here. It sees only messages that"
    " mention it, and of them the other people mentioned are counted."
)
FIELDS = (
    "token", "message.id", "message.type", "message.sender_id", "message.timestamp",
    "message.content (for mentions alone)",
)  # fmt: skip
MENTION = re.compile(r"@\*\*[^*|]+\|(\d+)\*\*")


def check(delivery: Delivery, secrets: Iterable[str]) -> None:
    given = body_of(delivery).get("token")
    check_token(given if isinstance(given, str) else "", secrets)


def read(delivery: Delivery) -> Told:
    told = body_of(delivery)
    with built_as("Zulip"):
        message, number = told["message"], text(told["message"]["id"])
        if message["type"] != "stream":
            return Told(number, is_private=True)
        at, author = instant(message["timestamp"]), text(message["sender_id"])
        mentioned = sorted(set(MENTION.findall(message["content"])))
        return Told(number, [Dealing(at, Act.MENTIONED, author, other) for other in mentioned])
