"""What a query finds, by the entries that come back; and what it refuses."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from consent.domain.ledger_people import identify
from consent.domain.ledger_query import OWN_KEYS, QueryNotUnderstood, parse
from consent.domain.ledger_search import payload_keys, search
from tests.factories.accounts import PersonFactory
from tests.factories.ledger import happened

SOURCE = UUID("11111111-2222-4333-8444-555555555555")


@pytest.fixture
def people(in_acme):
    return {
        name: PersonFactory(name=name, email=f"{name[:4].lower()}@acme.example") for name in ("Jane Roe", "Jim Roe")
    }


@pytest.fixture
def entries(people):
    """Six entries, known by a letter each."""
    jane, jim = people["Jane Roe"].pk, people["Jim Roe"].pk
    rows = {
        "a": ("consent.grant_made", jane, jane, datetime(2026, 3, 1, tzinfo=UTC), {"purpose": "scoring", "version": 1, "source": str(SOURCE)}),
        "b": ("consent.grant_made", jim, jim, datetime(2026, 3, 31, 23, 30, tzinfo=UTC), {"purpose": "perks", "version": 2}),
        "c": ("consent.grant_withdrawn", jim, jim, datetime(2026, 4, 1, tzinfo=UTC), {"purpose": "perks"}),
        "d": ("accounts.person_invited", jane, None, datetime(2026, 4, 2, tzinfo=UTC), {"roles": ["steward", "owner"]}),
        "e": ("scoring.run_finished", None, None, datetime(2026, 4, 3, tzinfo=UTC), {"scope": "full", "run": 12}),
        "f": ("old.forgotten", None, jim, datetime(2025, 12, 31, tzinfo=UTC), {"ancient": True}),
    }  # fmt: skip
    made = {
        letter: happened(event, by=by, about=about, at=at, payload=payload).pk
        for letter, (event, by, about, at, payload) in rows.items()
    }
    return {pk: letter for letter, pk in made.items()}


def found(text, entries, zone="UTC"):
    query = identify(parse(text)).query
    return "".join(sorted(entries[pk] for pk in search(query, zone=ZoneInfo(zone)).values_list("pk", flat=True)))


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("", "abcdef"),
        ("event:GrantMade", "ab"),
        ("event:consent.grant_made", "ab"),
        ("event:grantmade", "ab"),
        ("event:GrantMade event:GrantWithdrawn", "abc"),
        ("-event:GrantMade", "cdef"),
        ("event:old.forgotten", "f"),
        ('by:"Jane Roe"', "ad"),
        ("by:jane", "ad"),
        ("by:JANE@acme.example", "ad"),
        ("by:roe", "abcd"),
        ("-by:roe", "ef"),
        ("-about:jim", "ade"),
        ("by:machine", "ef"),
        ("-by:machine", "abcd"),
        ("about:machine", "de"),
        ("about:jim -event:GrantMade", "cf"),
        ("at:2026-03", "ab"),
        ("at:2026-03-31", "b"),
        ("at:2026-03-02..2026-04-01", "bc"),
        ("at:2026-04..", "cde"),
        ("at:..2026-03-01", "af"),
        ("at:2025", "f"),
        ("-at:2026-03", "cdef"),
        ("at:2026-03-01 at:2026-04-03", "ae"),
        ("purpose:perks", "bc"),
        ("purpose:perks version:2", "b"),
        ("version:2", "b"),
        ("run:12", "e"),
        ("roles:owner", "d"),
        ("ancient:true", "f"),
        (f"source:{SOURCE}", "a"),
        ("-purpose:perks", "adef"),
        ("perks", "bc"),
        ("PERKS", "bc"),
        ("steward", "d"),
        ("12", "e"),
        (str(SOURCE), "a"),
        ("withdrew", "c"),
        ('"said yes"', "ab"),
        ('"said yes" perks', "b"),
        ("-withdrew", "abdef"),
        ("nonsense", ""),
        ('"% _ \' \\\\ $.** \\""', ""),
    ],
)
def test_query_finds(text, letters, entries):
    assert found(text, entries) == letters


def test_entries_are_found_by_number(entries):
    numbers = {letter: pk for pk, letter in entries.items()}
    assert found(f"id:{numbers['b']}..{numbers['d']}", entries) == "bcd"
    assert found(f"id:{numbers['e']}..", entries) == "ef"
    assert found(f"-id:{numbers['a']} id:..{numbers['b']}", entries) == "b"


def test_opaque_id_is_found_wherever_it_stands(entries, people):
    jane = people["Jane Roe"].pk
    assert found(f"by:{jane}", entries) == "ad"
    assert found(str(jane), entries) == "ad"


def test_day_is_that_of_the_reader(entries):
    assert found("at:2026-04-01", entries, "Europe/Berlin") == "bc"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("event:GrantMad", "“event:GrantMad”: there is no such kind of entry. Write event:GrantMade or event:"),
        ("purpse:perks", "“purpse:perks”: no entry holds anything called “purpse”. Write purpose:perks or"),
        (
            "evnt:GrantMade",
            '“evnt:GrantMade”: no entry holds anything called “evnt”. Write event:GrantMade, or "evnt:GrantMade" for the words.',
        ),
        ("http://x", "“http://x”: no entry holds anything called “http”."),
        ("by:Zoe", "“by:Zoe”: nobody here is called that."),
    ],
)
def test_what_nothing_here_has_is_refused(text, sentence, entries):
    with pytest.raises(QueryNotUnderstood) as refusal:
        found(text, entries)
    assert str(refusal.value).startswith(sentence)


def test_name_of_too_many_is_refused(in_acme):
    PersonFactory.create_batch(11, name="John Smith")
    with pytest.raises(QueryNotUnderstood, match="more than 10 people are called that"):
        identify(parse("by:smith"))


def test_whole_name_wins_over_part_of_a_name(in_acme):
    anna = PersonFactory(name="Ann")
    PersonFactory(name="Anna")
    assert identify(parse("by:ann")).people == {anna.pk}


def test_names_become_ids_that_can_be_read_again(entries, people):
    query = identify(parse("by:roe -about:jane@acme.example purpose:perks")).query
    assert parse(str(query)) == query
    assert found(str(query), entries) == "bc"
    assert "roe" not in str(query)


def test_no_key_of_a_payload_is_a_word_of_the_search():
    assert payload_keys().isdisjoint(OWN_KEYS)
