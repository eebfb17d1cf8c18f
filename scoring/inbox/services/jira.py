"""Jira: comments on somebody's issue."""

from collections.abc import Iterable, Iterator
from typing import Any

from scoring.inbox.deliveries import Dealing, Delivery, Told
from scoring.inbox.services.reading import body_of, built_as, instant, number_of, text
from scoring.inbox.signatures import check_hex
from scoring.states import Act

SETUP = (
    "As an administrator, under System, WebHooks enter the address and the secret and choose comment created, with a"
    " JQL filter for the projects that should be counted. Jira names people by account id: upload who is who."
)
FIELDS = (
    "webhookEvent", "timestamp", "comment.author.accountId", "issue.fields.reporter.accountId",
    "issue.fields.assignee.accountId",
)  # fmt: skip


def check(delivery: Delivery, secrets: Iterable[str]) -> None:
    check_hex(delivery.header("x-hub-signature"), "sha256=", delivery.body, secrets)


def read(delivery: Delivery) -> Told:
    told, number = body_of(delivery), number_of(delivery)
    with built_as("Jira"):
        return Told(number, list(_dealings(told)))


def _dealings(told: dict[str, Any]) -> Iterator[Dealing]:
    if told["webhookEvent"] != "comment_created":
        return
    at, author = instant(told["timestamp"] / 1000), text(told["comment"]["author"]["accountId"])
    fields = told["issue"].get("fields") or {}
    for role in ("reporter", "assignee"):
        if fields.get(role):
            yield Dealing(at, Act.ANSWERED, author, text(fields[role]["accountId"]))
