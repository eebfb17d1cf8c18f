"""ActivityStreams 2.0, signed as Standard Webhooks: public activities alone."""

from collections.abc import Iterable, Iterator
from typing import Any

from scoring.inbox.deliveries import Dealing, Delivery, Told
from scoring.inbox.services.reading import body_of, built_as, instant, text
from scoring.inbox.signatures import check_standard_webhook
from scoring.states import Act

SETUP = (
    "Deliver activities of the types Create, Like and Announce, addressed to the public, and sign them as Standard"
    " Webhooks with this secret."
)
FIELDS = (
    "id", "type", "actor", "published", "to", "cc", "object.attributedTo", "object.inReplyTo.attributedTo",
    "object.tag.href (of mentions)",
)  # fmt: skip
PUBLIC = {"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"}


def check(delivery: Delivery, secrets: Iterable[str]) -> None:
    check_standard_webhook(delivery, secrets)


def read(delivery: Delivery) -> Told:
    told = body_of(delivery)
    with built_as("ActivityStreams"):
        number = text(told["id"])
        if not PUBLIC & {one for key in ("to", "cc") for one in _all_of(told.get(key)) if isinstance(one, str)}:
            return Told(number, is_private=True)
        at = instant(told["published"]) if told.get("published") else delivery.at
        return Told(number, [Dealing(at, *dealing) for dealing in _dealings(told)])


def _dealings(told: dict[str, Any]) -> Iterator[tuple[Act, str, str]]:
    actor, thing = _who(told["actor"]), told.get("object")
    thing = thing if isinstance(thing, dict) else {}
    if told["type"] in {"Like", "Announce"} and "attributedTo" in thing:
        yield Act.REACTED, actor, _who(thing["attributedTo"])
    if told["type"] == "Create":
        for parent in _all_of(thing.get("inReplyTo")):
            if isinstance(parent, dict) and "attributedTo" in parent:
                yield Act.ANSWERED, actor, _who(parent["attributedTo"])
        for tag in _all_of(thing.get("tag")):
            if isinstance(tag, dict) and tag.get("type") == "Mention":
                yield Act.MENTIONED, actor, _who(tag["href"])


def _who(told: Any) -> str:
    """An actor is a link, or an object with an id; one, or a list of one. A mail address is said as `mailto:`."""
    (one,) = _all_of(told)
    return text(one["id"] if isinstance(one, dict) else one).removeprefix("mailto:").removeprefix("acct:")


def _all_of(told: Any) -> list[Any]:
    return told if isinstance(told, list) else [] if told is None else [told]
