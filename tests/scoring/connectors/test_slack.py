"""Slack exports: what counts, what is never opened, and what is said of odd ones."""

import pytest

from scoring.connectors import slack
from scoring.connectors.refusals import FileRefused
from tests.scoring.connectors.conftest import Seen

TUESDAY, MONDAY = "1794304800.000100", "2026-11-09"
USERS = [
    {"id": "UADA", "profile": {"email": "Ada@acme.example"}},
    {"id": "UBEN", "profile": {"email": "ben@acme.example"}},
    {"id": "UCAT", "profile": {}},
    {"id": "UBOT", "is_bot": True, "profile": {"email": "bot@acme.example"}},
]
LISTS = {"users.json": USERS, "channels.json": [{"id": "C1", "name": "general"}]}


def _message(user="UADA", ts=TUESDAY, **more):
    return {"type": "message", "user": user, "ts": ts, "text": "", **more}


@pytest.fixture
def read(make_zip):
    """Read one day of #general with these messages."""

    def read(*messages, **files):
        return Seen(slack, make_zip({**LISTS, **files, "general/2026-11-10.json": list(messages)}))

    return read


def test_mention_counts_for_both(read):
    seen = read(_message(text="Thanks <@UBEN> and <@UBEN|ben>"))
    assert seen.sightings == {(1, "MENTIONED", MONDAY): 1, (2, "MENTIONED_BY", MONDAY): 1}
    assert seen.numbers == {"kept": 1, "not granted": 0, "private": 0, "malformed": 0, "left out": 0}


def test_answer_in_a_thread_counts_for_both(read):
    root = _message(thread_ts=TUESDAY)
    answer = _message("UBEN", "1794304900.0", thread_ts=TUESDAY, parent_user_id="UADA")
    assert read(root, answer).sightings == {(2, "ANSWERED", MONDAY): 1, (1, "ANSWERED_BY", MONDAY): 1}


def test_answer_without_its_parents_author_finds_them_by_the_thread(read):
    root = _message(thread_ts=TUESDAY)
    answer = _message("UBEN", "1794304900.0", thread_ts=TUESDAY)
    assert read(root, answer).sightings == {(2, "ANSWERED", MONDAY): 1, (1, "ANSWERED_BY", MONDAY): 1}


def test_reactions_count_for_both(read):
    seen = read(_message(reactions=[{"name": "tada", "users": ["UBEN", "UCAT", "UADA"]}]))
    assert seen.sightings == {(1, "REACTED_BY", MONDAY): 2, (2, "REACTED", MONDAY): 1}


def test_colleague_without_an_address_is_counted_and_not_known(read):
    assert read(_message(text="<@UCAT>")).sightings == {(1, "MENTIONED", MONDAY): 1}


@pytest.mark.parametrize(
    "message",
    [
        _message(),
        _message(text="<@UADA> to myself"),
        _message(text="<@UBOT> help"),
        _message("UBOT", text="<@UADA>"),
        _message(bot_id="B1", text="<@UBEN>"),
        _message(subtype="channel_join", text="<@UADA> has joined <@UBEN>"),
        _message("USLACKBOT", text="<@UADA>"),
    ],
)
def test_message_that_says_nothing_of_people_is_left_out(read, message):
    seen = read(message)
    assert (seen.sightings, seen.numbers["left out"]) == ({}, 1)


@pytest.mark.parametrize(
    "message", [_message(ts="yesterday"), _message(ts=None), {"user": "UADA"}, "text", 7, None, _message(reactions=[3])]
)
def test_message_that_slack_would_not_write_is_malformed_and_the_rest_is_read(read, message):
    seen = read(message, _message(text="<@UBEN>"))
    assert (seen.numbers["malformed"], seen.numbers["kept"]) == (1, 1)
    assert seen.receipt.faults[0][0] == "general/2026-11-10.json, message 1"


def test_private_conversations_are_never_opened(make_zip):
    private = {
        "groups.json": [{"id": "G1", "name": "secret"}],
        "dms.json": [{"id": "D1"}],
        "secret/2026-11-10.json": "not even JSON",
        "D1/2026-11-10.json": "nor this",
        "unlisted/2026-11-10.json": "nor that",
    }
    seen = Seen(slack, make_zip(LISTS | private))
    assert (seen.numbers["private"], seen.receipt.read) == (3, 3)


def test_list_of_addresses_beside_the_export_is_used(make_zip):
    nameless = {"users.json": [{"id": "UADA", "profile": {}}, {"id": "UBEN"}]}
    path = make_zip(LISTS | nameless | {"general/2026-11-10.json": [_message(text="<@UBEN>")]})
    with pytest.raises(FileRefused, match="no e-mail addresses"):
        slack.inspect(path)
    slack.beside(path).write_text("id,email\nUADA,ada@acme.example\n")
    slack.inspect(path)
    assert Seen(slack, path).sightings == {(1, "MENTIONED", MONDAY): 1}


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"channels.json": []}, "no users.json"),
        ({"users.json": USERS}, "no channels.json"),
        ({**LISTS, "users.json": {"ok": True}}, "users.json in the zip is not a list"),
        ({**LISTS, "users.json": '[{"id": "U1"'}, "users.json in the zip is not valid JSON"),
        ({**LISTS, "users.json": b'["\xff"]'}, "users.json in the zip is not UTF-8"),
    ],
)
def test_zip_that_is_no_slack_export_is_refused(make_zip, files, sentence):
    with pytest.raises(FileRefused, match=sentence):
        slack.inspect(make_zip(files))
