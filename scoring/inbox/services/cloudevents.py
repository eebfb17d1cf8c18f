"""CloudEvents 1.0, signed as Standard Webhooks: structured, in batches, or with the attributes as headers."""

from collections.abc import Iterable
from typing import Any

from scoring.inbox.deliveries import Dealing, Delivery, Told
from scoring.inbox.services.reading import built_as, instant, json_of, text
from scoring.inbox.signatures import check_standard_webhook
from scoring.states import Act

SETUP = (
    "Send events whose type ends in answered, reviewed, mentioned or reacted, with the addresses of both as actor and"
    " target in their data, and sign them as Standard Webhooks with this secret."
)
FIELDS = ("id", "source", "specversion", "type", "time", "data.actor", "data.target")


def check(delivery: Delivery, secrets: Iterable[str]) -> None:
    check_standard_webhook(delivery, secrets)


def read(delivery: Delivery) -> Told:
    told = json_of(delivery)
    with built_as("CloudEvents"):
        if "ce-id" in delivery.headers:
            attributes = ("id", "source", "specversion", "type", "time")
            events = [{name: delivery.header(f"ce-{name}") for name in attributes} | {"data": told}]
        else:
            events = told if isinstance(told, list) else [told]
        dealings = [dealing for event in events if (dealing := _dealing(event, delivery))]
        # Two events are the same when source and id are.
        return Told("\n".join(f"{text(event['source'])} {text(event['id'])}" for event in events), dealings)


def _dealing(event: dict[str, Any], delivery: Delivery) -> Dealing | None:
    if event["specversion"] != "1.0":
        raise ValueError
    last = text(event["type"]).rpartition(".")[2]
    if last not in Act.values:
        return None
    at = instant(event["time"]) if event.get("time") else delivery.at
    return Dealing(at, Act(last), text(event["data"]["actor"]), text(event["data"]["target"]))
