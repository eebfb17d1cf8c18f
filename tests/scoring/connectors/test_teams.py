"""Teams exports: what counts, what is never opened, and what is said of odd ones."""

import pytest

from scoring.connectors import teams
from scoring.connectors.refusals import FileRefused
from tests.scoring.connectors.conftest import Seen

TUESDAY, MONDAY = "2026-11-10T09:00:00.181+00:00", "2026-11-09"
USERS = [{"Id": "u-ada", "Mail": "Ada@acme.example"}, {"Id": "u-ben", "Mail": "ben@acme.example"}, {"Id": "u-cat"}]
CHANNELS = [{"Id": "c1", "MembershipType": "standard"}, {"Id": "c2", "MembershipType": "private"}]
LISTS = {
    "users/usersList.json": USERS,
    "teams/teamsSettings.json": [{"Id": "t1", "Visibility": "public"}, {"Id": "t2", "Visibility": "private"}],
    "teams/t1/channels_t1.json": CHANNELS,
    "teams/t2/channels_t2.json": CHANNELS,
}


def _person(user):
    return {"Application": None, "User": {"Id": user, "DisplayName": "Somebody"}}


def _message(user="u-ada", number="1", **more):
    return {
        "Id": number, "From": _person(user), "CreatedDateTime": TUESDAY, "MessageType": "message", "ReplyToId": None,
        "DeletedDateTime": None, "ChannelIdentity": {"ChannelId": "c1"}, "Mentions": [], "Reactions": [], **more,
    }  # fmt: skip


@pytest.fixture
def read(make_zip):
    def read(*messages, **files):
        return Seen(teams, make_zip({**LISTS, "teams/t1/messages_t1.json": list(messages), **files}))

    return read


def test_answer_counts_for_both_wherever_it_stands(read):
    answer, root = _message("u-ben", "2", ReplyToId="1"), _message()
    seen = read(answer, root)
    assert seen.sightings == {(2, "ANSWERED", MONDAY): 1, (1, "ANSWERED_BY", MONDAY): 1}
    assert seen.numbers == {"kept": 1, "not granted": 0, "private": 0, "malformed": 0, "left out": 1}


def test_mentions_and_reactions_count_for_both(read):
    seen = read(
        _message(
            Mentions=[{"Mentioned": _person("u-cat")}, {"Mentioned": {"Application": {"Id": "bot"}, "User": None}}],
            Reactions=[{"User": _person("u-ben")}, {"User": _person("u-ben")}],
        )
    )
    assert seen.sightings == {
        (1, "MENTIONED", MONDAY): 1, (1, "REACTED_BY", MONDAY): 1, (2, "REACTED", MONDAY): 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"ChannelIdentity": {"ChannelId": "c2"}}, "private"),
        ({"ChannelIdentity": {"ChannelId": "unheard of"}}, "private"),
        ({"MessageType": "unknownFutureValue", "From": None}, "left out"),
        ({"DeletedDateTime": TUESDAY}, "left out"),
        ({"From": {"User": None, "Application": {"Id": "bot"}}}, "left out"),
        ({"Mentions": []}, "left out"),
        ({"From": _person("u-cat"), "Mentions": [{"Mentioned": _person("u-dan")}]}, "not granted"),
        ({"CreatedDateTime": "soon"}, "malformed"),
        ({"ChannelIdentity": None}, "malformed"),
    ],
)
def test_message_that_does_not_count_is_a_number(read, change, number):
    seen = read(_message(**{"Mentions": [{"Mentioned": _person("u-ben")}], **change}))
    assert (seen.sightings, seen.numbers[number], seen.receipt.read) == ({}, 1, 1)


@pytest.mark.parametrize("name", ["teams/t2/messages_t2.json", "users/u-ada/messages_u-ada.json"])
def test_private_teams_and_chats_are_never_opened(read, name):
    seen = read(**{name: b"this is not even JSON"})
    assert (seen.sightings, seen.numbers["private"]) == ({}, 1)


def test_malformed_message_is_named_by_its_place_without_names(read):
    assert read(_message(), _message(CreatedDateTime="soon")).receipt.faults == [
        ("file 1 of messages, message 2", "The date is neither ISO 8601 (2026-11-18T12:00:00Z) nor Unix seconds.")
    ]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"users/usersList.json": USERS}, "no teams/teamsSettings.json"),
        ({"teams/teamsSettings.json": []}, "no users/usersList.json"),
        ({**LISTS}, "no messages"),
        ({**LISTS, "users/usersList.json": [{"Id": "u-ada"}]}, "names no e-mail addresses"),
        ({**LISTS, "users/usersList.json": "nonsense"}, "is not a list"),
        ({**LISTS, "../teams/t1/messages_t1.json": []}, "a file that an export does not have"),
    ],
)
def test_zip_that_is_no_teams_export_is_refused(make_zip, files, sentence):
    with pytest.raises(FileRefused, match=sentence):
        teams.inspect(make_zip(files))
