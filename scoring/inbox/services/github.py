"""GitHub: comments and reviews."""

from collections.abc import Iterable, Iterator
from typing import Any

from scoring.inbox.deliveries import Dealing, Delivery, Told
from scoring.inbox.services.reading import body_of, built_as, instant, number_of, text
from scoring.inbox.signatures import check_hex
from scoring.states import Act

SETUP = (
    "In the organisation’s or repository’s settings add a webhook with this address and secret, content type"
    " application/json, and choose issue comments, pull request reviews and pull request review comments. It needs no"
    " access to contents."
)
FIELDS = (
    "action", "sender.login", "sender.type", "issue.user.login", "pull_request.user.login",
    "comment.created_at", "review.submitted_at",
)  # fmt: skip


def check(delivery: Delivery, secrets: Iterable[str]) -> None:
    check_hex(delivery.header("x-hub-signature-256"), "sha256=", delivery.body, secrets)


def read(delivery: Delivery) -> Told:
    told, number = body_of(delivery), number_of(delivery)
    with built_as("GitHub"):
        return Told(number, list(_dealings(delivery.header("x-github-event"), told)))


def _dealings(event: str, told: dict[str, Any]) -> Iterator[Dealing]:
    if event not in WHOSE or told["action"] not in {"created", "submitted"} or told["sender"]["type"] != "User":
        return
    act, subject, what, when = WHOSE[event]
    yield Dealing(instant(told[what][when]), act, text(told["sender"]["login"]), text(told[subject]["user"]["login"]))


WHOSE = {
    "issue_comment": (Act.ANSWERED, "issue", "comment", "created_at"),
    "pull_request_review": (Act.REVIEWED, "pull_request", "review", "submitted_at"),
    "pull_request_review_comment": (Act.REVIEWED, "pull_request", "comment", "created_at"),
}
