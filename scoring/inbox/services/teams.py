"""Change notifications of Microsoft Graph, for Teams and Viva Engage. They carry no signature but a shared secret.

Where the resource's data is encrypted or left out, nobody is named, and nothing is counted.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from scoring.inbox.deliveries import Dealing, Delivery, Handshake, NotSigned, Told
from scoring.inbox.services.reading import body_of, built_as, instant, number_of, text
from scoring.inbox.signatures import check_token
from scoring.states import Act

SETUP = (
    "Subscribe to the messages of each team with this address as notificationUrl and the secret as clientState. Ask for"
    " consent team by team (ChannelMessage.Read.Group), never for the whole organisation."
)
FIELDS = (
    "validationToken", "value.clientState", "value.resourceData.from.user.id", "value.resourceData.createdDateTime",
    "value.resourceData.mentions.mentioned.user.id", "value.resourceData.reactions.user.user.id",
    "value.resourceData.reactions.createdDateTime",
    "value.resourceData.chatId",
)  # fmt: skip


def check(delivery: Delivery, secrets: Iterable[str]) -> None:
    if "validationtoken" in delivery.query:
        return
    notifications = body_of(delivery).get("value")
    if not isinstance(notifications, list) or not notifications:
        raise NotSigned("There is no notification in it.")
    for notification in notifications:
        given = notification.get("clientState") if isinstance(notification, dict) else None
        check_token(given if isinstance(given, str) else "", secrets)


def read(delivery: Delivery) -> Told | Handshake:
    if "validationtoken" in delivery.query:
        return Handshake(delivery.query["validationtoken"])
    with built_as("Microsoft Graph"):
        messages = [one.get("resourceData") or {} for one in body_of(delivery)["value"]]
        is_private = any(message.get("chatId") for message in messages)
        dealings = [] if is_private else [d for message in messages for d in _dealings(message)]
        return Told(number_of(delivery), dealings, is_private)


def _dealings(message: dict[str, Any]) -> Iterator[Dealing]:
    if not message.get("from"):
        return
    at, author = instant(message["createdDateTime"]), text(message["from"]["user"]["id"])
    for mention in message.get("mentions") or []:
        if mention["mentioned"].get("user"):
            yield Dealing(at, Act.MENTIONED, author, text(mention["mentioned"]["user"]["id"]))
    for reaction in message.get("reactions") or []:
        yield Dealing(instant(reaction["createdDateTime"]), Act.REACTED, text(reaction["user"]["user"]["id"]), author)
