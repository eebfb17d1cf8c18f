"""The words of a search: read, written again, and refused with what to write instead."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.domain.ledger_query import (
    Days,
    Numbers,
    Query,
    QueryNotUnderstood,
    Term,
    days_of,
    numbers_of,
    parse,
    render,
)

VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    str.strip
)
DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31)).map(str)
TERMS = st.one_of(
    st.builds(Term, VALUES, st.sampled_from(["", "event", "by", "about", "purpose", "use"]), st.booleans()),
    st.builds(Term, DAYS | DAYS.map("..{}".format) | DAYS.map("{}..".format), st.just("at"), st.booleans()),
    st.builds(Term, st.integers(0, 10**15).map(str), st.just("id"), st.booleans()),
)


@given(st.lists(TERMS, max_size=20).map(lambda terms: Query(tuple(terms))))
def test_what_is_written_is_read_again(query):
    assert parse(render(query)) == query


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        query = parse(text)
    except QueryNotUnderstood:
        return
    assert parse(render(query)) == query


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("  scoring  ", (Term("scoring"),)),
        ('event:GrantMade by:"Alice Archer"', (Term("GrantMade", "event"), Term("Alice Archer", "by"))),
        ("-purpose:perks", (Term("perks", "purpose", is_negated=True),)),
        ("BY:machine", (Term("machine", "by"),)),
        (r'"say \"yes\" \\ no"', (Term(r'say "yes" \ no'),)),
        ('"by:nobody" -"-x"', (Term("by:nobody"), Term("-x", is_negated=True))),
        ("by:a@b.example:8", (Term("a@b.example:8", "by"),)),
    ],
)
def test_text_becomes_terms(text, terms):
    assert parse(text) == Query(terms)


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ("2026-03-01", Days(date(2026, 3, 1), date(2026, 3, 1))),
        ("2024-02", Days(date(2024, 2, 1), date(2024, 2, 29))),
        ("2026", Days(date(2026, 1, 1), date(2026, 12, 31))),
        ("2026-03-05..2026-04", Days(date(2026, 3, 5), date(2026, 4, 30))),
        ("2026-03..", Days(date(2026, 3, 1), None)),
        ("..2026-03", Days(None, date(2026, 3, 31))),
    ],
)
def test_days_of_a_term(value, days):
    assert days_of(Term(value, "at")) == days


@pytest.mark.parametrize(
    ("value", "numbers"),
    [("7", Numbers(7, 7)), ("7..9", Numbers(7, 9)), ("7..", Numbers(7, None)), ("..9", Numbers(None, 9))],
)
def test_numbers_of_a_term(value, numbers):
    assert numbers_of(Term(value, "id")) == numbers


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("scoring at:yesterday", "“at:yesterday”: that is no date. Write at:2026-03-01, at:2026-03,"),
        ("at:2026-02-30", "“at:2026-02-30”: that is no date."),
        ("at:2026-04..2026-03", "“at:2026-04..2026-03”: the first day is after the last."),
        ("at:..", "“at:..”: that is no date."),
        ("-id:x", "“-id:x”: that is no number of an entry. Write id:1234,"),
        ("id:9..7", "“id:9..7”: the first number is above the last."),
        ("event:", "“event:” has no value. Write for example event:GrantMade."),
        ('by:"  "', '“by:"  "” has no value. Write for example by:"Jane Roe",'),
        ("-", "“-” has no value."),
        ('scoring by:"Alice', '“by:"Alice”: a quotation does not end where a space follows.'),
        ('"a"b', '“"a"b”: a quotation does not end where a space follows.'),
        ("a\0b", "The query holds a character that no entry can hold."),
        ("x" * 4001, "A query has 4,000 characters at most."),
        ("x " * 51, "A query has 50 terms at most, this one 51."),
    ],
)
def test_refusal_names_the_term_and_what_to_write(text, sentence):
    with pytest.raises(QueryNotUnderstood) as refusal:
        parse(text)
    assert str(refusal.value).startswith(sentence)


def test_filter_replaces_its_own_key_alone():
    query = parse("scoring event:GrantMade event:DataUsed -event:StayedOut by:machine")
    assert str(query.with_value("event", "PersonJoined")) == "scoring -event:StayedOut by:machine event:PersonJoined"
    assert str(query.with_value("event", "")) == "scoring -event:StayedOut by:machine"


def test_key_that_stands_twice_has_no_single_value():
    assert parse("event:GrantMade event:DataUsed").value_of("event") == ""
    assert parse("event:GrantMade -event:DataUsed").value_of("event") == "GrantMade"
