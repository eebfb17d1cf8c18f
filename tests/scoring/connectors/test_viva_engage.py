"""Viva Engage exports: what counts, what is never read, and what is said of odd ones."""

import csv
import io

import pytest

from scoring.connectors import viva_engage
from scoring.connectors.refusals import FileRefused
from tests.scoring.connectors.conftest import Seen

MONDAY = "2026-11-09"
USERS = "id,email,name\n1,ada@acme.example,Ada\n2,BEN@acme.example,Ben\n3,,Cat\n"
HEADERS = [
    "id", "replied_to_id", "in_private_conversation", "sender_id", "body", "message_type", "created_at", "deleted_at",
]  # fmt: skip


def _message(number, sender, body="", *, to="", private="false", at="2026/11/10 09:00:00 +0000", **more):
    return {
        "id": number, "sender_id": sender, "body": body, "replied_to_id": to, "in_private_conversation": private,
        "created_at": at, "message_type": more.get("kind", "update"), "deleted_at": more.get("deleted", ""),
    }  # fmt: skip


@pytest.fixture
def read(make_zip):
    def read(*messages):
        text = io.StringIO()
        writer = csv.DictWriter(text, HEADERS)
        writer.writeheader()
        writer.writerows(messages)
        return Seen(viva_engage, make_zip({"Users.csv": USERS, "Messages.csv": "\ufeff" + text.getvalue()}))

    return read


def test_answer_counts_for_both(read):
    seen = read(_message(10, 1), _message(11, 2, to=10))
    assert seen.sightings == {(2, "ANSWERED", MONDAY): 1, (1, "ANSWERED_BY", MONDAY): 1}
    assert seen.numbers == {"kept": 1, "not granted": 0, "private": 0, "malformed": 0, "left out": 1}


def test_mention_counts_for_both_and_the_nameless_is_a_colleague(read):
    seen = read(_message(10, 1, "Ask [[user:2]] or\n[[user:3]]"))
    assert seen.sightings == {(1, "MENTIONED", MONDAY): 2, (2, "MENTIONED_BY", MONDAY): 1}


def test_answer_across_the_turn_of_the_week_counts_in_its_own_week(read):
    seen = read(_message(10, 1), _message(11, 2, to=10, at="2026/11/16 00:10:00 +0000"))
    assert set(seen.sightings) == {(2, "ANSWERED", "2026-11-16"), (1, "ANSWERED_BY", "2026-11-16")}


@pytest.mark.parametrize(
    ("message", "number"),
    [
        (_message(10, 1, "[[user:2]]", private="TRUE"), "private"),
        (_message(10, 1, "[[user:2]]", deleted="2026/11/11 09:00:00 +0000"), "left out"),
        (_message(10, 1, "[[user:2]]", kind="system"), "left out"),
        (_message(10, 1, "nobody"), "left out"),
        (_message(10, 3, "[[user:3]]"), "left out"),
        (_message(10, 3, "[[user:4]]"), "not granted"),
        (_message(10, "", "[[user:2]]"), "malformed"),
        (_message(10, 1, "[[user:2]]", at="soon"), "malformed"),
        (_message(10, 1, "[[user:2]]", at="2031/01/01 09:00:00 +0000"), "malformed"),
    ],
)
def test_message_that_does_not_count_is_a_number(read, message, number):
    seen = read(message)
    assert (seen.sightings, seen.numbers[number], seen.receipt.read) == ({}, 1, 1)


def test_malformed_row_is_named_by_its_line(read):
    assert (
        read(_message(10, 1, "two\nlines"), _message(11, 1, at="soon")).receipt.faults[0][0] == "Messages.csv, line 4"
    )


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"Users.csv": USERS}, "no Messages.csv"),
        ({"Messages.csv": "id\n"}, "no Users.csv"),
        ({"Users.csv": "id,name\n", "Messages.csv": "id\n"}, "Users.csv lacks the columns email"),
        ({"Users.csv": USERS, "Messages.csv": "id,sender_id\n"}, "lacks the columns created_at, replied_to_id"),
        ({"Users.csv": USERS.encode("utf-16"), "Messages.csv": ""}, "Users.csv is not UTF-8"),
    ],
)
def test_zip_that_is_no_network_export_is_refused(make_zip, files, sentence):
    with pytest.raises(FileRefused, match=sentence):
        viva_engage.inspect(make_zip(files))
