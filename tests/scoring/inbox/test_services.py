"""Who dealt with whom, as each service tells it; and what is private is not read further."""

import json

import pytest

from scoring.inbox.deliveries import Delivery
from scoring.inbox.services import MODULES
from tests.scoring.inbox.signing import AT

WHEN = AT.isoformat()
SECONDS = int(AT.timestamp())
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def slack(**event):
    return {"type": "event_callback", "event_id": "Ev1", "event_time": SECONDS, "event": event}


def zulip(kind="stream", content="@**bot** and @**Bo|7**"):
    message = {"id": 1, "type": kind, "sender_id": 5, "timestamp": SECONDS, "content": content}
    return {"token": "x", "message": message}


def teams(**message):
    resource = {"from": {"user": {"id": "a"}}, "createdDateTime": WHEN} | message
    return {"value": [{"clientState": "x", "resourceData": resource}]}


def read(service, told, headers):
    return MODULES[service].read(Delivery(headers, {}, json.dumps(told).encode(), AT))


COMMENT = {"action": "created", "sender": {"login": "a", "type": "User"}, "comment": {"created_at": WHEN}}
REVIEW = {"action": "submitted", "sender": {"login": "a", "type": "User"}, "review": {"submitted_at": WHEN}}
ISSUE = {"reporter": {"accountId": "b"}, "assignee": {"accountId": "c"}}
TOLD = [
    ("slack", slack(type="message", user="UA", text="hi <@UB>", parent_user_id="UC"), {},
     [("answered", "UA", "UC"), ("mentioned", "UA", "UB")]),
    ("slack", slack(type="reaction_added", user="UA", item_user="UB", item={"channel": "C1"}), {},
     [("reacted", "UA", "UB")]),
    ("slack", slack(type="message", user="UA", text="<@UB>", bot_id="B1"), {}, []),
    ("slack", slack(type="message", subtype="channel_join", user="UA", text="<@UB>"), {}, []),
    ("github", COMMENT | {"issue": {"user": {"login": "b"}}}, {"x-github-event": "issue_comment"},
     [("answered", "a", "b")]),
    ("github", REVIEW | {"pull_request": {"user": {"login": "b"}}}, {"x-github-event": "pull_request_review"},
     [("reviewed", "a", "b")]),
    ("github", COMMENT | {"action": "edited"}, {"x-github-event": "issue_comment"}, []),
    ("github", {"zen": "x"}, {"x-github-event": "ping"}, []),
    ("discourse", {"post": {"username": "a", "created_at": WHEN, "reply_to_user": {"username": "b"}}},
     {"x-discourse-event": "post_created"}, [("answered", "a", "b")]),
    ("discourse", {"post": {"username": "a", "created_at": WHEN, "reply_to_user": {"username": "b"}}},
     {"x-discourse-event": "post_edited"}, []),
    ("discourse", {"like": {"user": {"username": "a"}, "post": {"username": "b"}}}, {}, [("reacted", "a", "b")]),
    ("discourse", {"ping": "OK"}, {"x-discourse-event": "ping"}, []),
    ("jira", {"webhookEvent": "comment_created", "timestamp": SECONDS * 1000,
              "comment": {"author": {"accountId": "a"}}, "issue": {"fields": ISSUE}}, {},
     [("answered", "a", "b"), ("answered", "a", "c")]),
    ("jira", {"webhookEvent": "jira:issue_updated", "timestamp": SECONDS * 1000}, {}, []),
    ("zulip", zulip(), {}, [("mentioned", "5", "7")]),
    ("teams", teams(mentions=[{"mentioned": {"user": {"id": "b"}}}, {"mentioned": {"application": {"id": "z"}}}],
                    reactions=[{"user": {"user": {"id": "c"}}, "createdDateTime": WHEN}]), {},
     [("mentioned", "a", "b"), ("reacted", "c", "a")]),
    ("teams", teams(**{"from": None}), {}, []),
    ("activities", {"id": "1", "type": "Like", "actor": ["acct:a@x"], "to": PUBLIC, "published": WHEN,
                    "object": {"attributedTo": {"id": "mailto:b@x"}}}, {}, [("reacted", "a@x", "b@x")]),
    ("activities", {"id": "1", "type": "Create", "actor": "a", "cc": [PUBLIC], "published": WHEN,
                    "object": {"inReplyTo": {"attributedTo": "b"}, "tag": [{"type": "Mention", "href": "c"}]}}, {},
     [("answered", "a", "b"), ("mentioned", "a", "c")]),
    ("cloudevents", {"actor": "a", "target": "b"},
     {"ce-id": "1", "ce-source": "/w", "ce-specversion": "1.0", "ce-type": "x.reviewed", "ce-time": WHEN},
     [("reviewed", "a", "b")]),
]  # fmt: skip
PRIVATE = [
    ("slack", slack(type="message", channel_type="im", user="UA", text="<@UB>")),
    ("slack", slack(type="message", channel_type="group", user="UA", text="<@UB>")),
    ("slack", slack(type="reaction_added", user="UA", item_user="UB", item={"channel": "D1"})),
    ("discourse", {"post": {"topic_archetype": "private_message"}}),
    ("zulip", zulip("private")),
    ("teams", teams(chatId="19:x")),
    ("activities", {"id": "1", "type": "Like", "actor": "a", "to": "b", "object": {"attributedTo": "b"}}),
]


@pytest.mark.parametrize(("service", "told", "headers", "dealings"), TOLD)
def test_service_tells_who_dealt_with_whom(service, told, headers, dealings):
    found = read(service, told, headers)
    assert [(d.act.value, d.actor, d.target) for d in found.dealings] == dealings
    assert ({d.at for d in found.dealings} <= {AT}, found.is_private) == (True, False)


@pytest.mark.parametrize(("service", "told"), PRIVATE)
def test_what_is_private_names_nobody(service, told):
    found = read(service, told, {})
    assert (found.is_private, found.dealings) == (True, [])


def test_slack_asks_first_and_is_answered():
    assert read("slack", {"type": "url_verification", "challenge": "c"}, {}).answer == "c"
