"""Discourse: answers and likes."""

from collections.abc import Iterable, Iterator
from typing import Any

from scoring.inbox.deliveries import Dealing, Delivery, Told
from scoring.inbox.services.reading import body_of, built_as, instant, number_of, text
from scoring.inbox.signatures import check_hex
from scoring.states import Act

SETUP = (
    "Under Admin, API, Webhooks enter the address and the secret (without one nothing is signed, and nothing is taken"
    " in), and choose post and like events. Filter by category, tag or group what should not be counted."
)
FIELDS = (
    "post.username", "post.created_at", "post.reply_to_user.username", "post.topic_archetype", "like.user.username",
    "like.post.username",
)  # fmt: skip


def check(delivery: Delivery, secrets: Iterable[str]) -> None:
    check_hex(delivery.header("x-discourse-event-signature"), "sha256=", delivery.body, secrets)


def read(delivery: Delivery) -> Told:
    told, number = body_of(delivery), number_of(delivery)
    with built_as("Discourse"):
        post = told.get("post") or {}
        if post.get("topic_archetype", "regular") != "regular":
            return Told(number, is_private=True)
        return Told(number, list(_dealings(delivery, told)))


def _dealings(delivery: Delivery, told: dict[str, Any]) -> Iterator[Dealing]:
    event, post, like = delivery.header("x-discourse-event"), told.get("post"), told.get("like")
    if event == "post_created" and post and post.get("reply_to_user"):
        answered = text(post["reply_to_user"]["username"])
        yield Dealing(instant(post["created_at"]), Act.ANSWERED, text(post["username"]), answered)
    if like:  # it does not say when: it is told as it happens
        yield Dealing(delivery.at, Act.REACTED, text(like["user"]["username"]), text(like["post"]["username"]))
