"""The words with which the ledger is searched: `event:GrantMade by:"Jane Roe" at:2026-03 -purpose:perks`.

Pure: text in, terms out, and back again. What the terms mean to PostgreSQL stands in ledger_search.py.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.errors import DomainError

MOST_CHARACTERS, MOST_TERMS = 4000, 50
# The search's own words. Any other word before a colon is a key of the entry's payload.
PERSON_KEYS = ("by", "about")
OWN_KEYS = ("event", *PERSON_KEYS, "at", "id")

TERM = re.compile(
    r"""(?P<minus>-)?
    (?:(?P<key>[A-Za-z][A-Za-z0-9_]*):)?
    (?:"(?P<quoted>(?:[^"\\]|\\.)*)"(?=\s|$) | (?P<bare>[^\s"]\S*))?""",
    re.VERBOSE | re.DOTALL,
)
LOOKS_LIKE_A_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*:")
DAY = re.compile(r"((?:19|2\d)\d{2})(?:-(\d{2})(?:-(\d{2}))?)?")
RANGE = ".."
EXAMPLES = {
    "event": "event:GrantMade",
    "by": 'by:"Jane Roe", by:jane@example.com, by:machine or by: and an opaque id',
    "about": 'about:"Jane Roe", about:jane@example.com or about: and an opaque id',
    "at": "at:2026-03-01, at:2026-03, at:2026-03-01..2026-03-31, at:2026-03-01.. or at:..2026-03-31",
    "id": "id:1234, id:1000..2000, id:1000.. or id:..2000",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. No key: free text."""

    value: str
    key: str = ""
    is_negated: bool = False

    def __str__(self) -> str:
        return f"{'-' * self.is_negated}{self.key}{':' * bool(self.key)}{self._value()}"

    def _value(self) -> str:
        is_bare = not re.search(r"\s", self.value) and not self.value.startswith('"')
        if is_bare and (self.key or not (self.value.startswith("-") or LOOKS_LIKE_A_KEY.match(self.value))):
            return self.value
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class Query:
    """All conditions. Where a key stands twice, either may hold; different keys, and free text, must all hold."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    def value_of(self, key: str) -> str:
        """The value of a key that stands exactly once and not negated, for showing it in a field of its own."""
        values = [term.value for term in self.terms if term.key == key and not term.is_negated]
        return values[0] if len(values) == 1 else ""

    def with_value(self, key: str, value: str) -> "Query":
        """The query in which `key` is `value` and nothing else; without the key where `value` is empty."""
        others = tuple(term for term in self.terms if term.key != key or term.is_negated)
        return Query((*others, Term(value, key)) if value else others)


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last, both included; None is an open end."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """From the first entry to the last, both included; None is an open end."""

    first: int | None
    last: int | None


def parse(text: str) -> Query:
    """Read a query.

    :raises QueryNotUnderstood: names the term at fault and what to write instead
    """
    if len(text) > MOST_CHARACTERS:
        raise QueryNotUnderstood(f"A query has {MOST_CHARACTERS:,} characters at most. Leave some of it out.")
    if "\0" in text:
        raise QueryNotUnderstood("The query holds a character that no entry can hold. Type it anew.")
    terms = tuple(_terms(text))
    if len(terms) > MOST_TERMS:
        raise QueryNotUnderstood(f"A query has {MOST_TERMS} terms at most, this one {len(terms)}. Leave some out.")
    return Query(terms)


def render(query: Query) -> str:
    """Write a query so that `parse` reads the same again."""
    return str(query)


def days_of(term: Term) -> Days:
    """What an `at:` term spans.

    :raises QueryNotUnderstood: it holds no date, or the first is after the last
    """
    ends = _ends(term.value)
    try:
        first, last = (_day(end) if end or not any(ends) else None for end in ends)
        days = Days(first and first[0], last and last[1])
    except ValueError:
        raise _wrong(term, "that is no date") from None
    if days.first and days.last and days.first > days.last:
        raise _wrong(term, "the first day is after the last")
    return days


def numbers_of(term: Term) -> Numbers:
    """What an `id:` term spans.

    :raises QueryNotUnderstood: it holds no number of an entry, or the first is above the last
    """
    ends = _ends(term.value)
    if not any(ends) or any(end and not re.fullmatch(r"[0-9]{1,18}", end) for end in ends):
        raise _wrong(term, "that is no number of an entry")
    first, last = (int(end) if end else None for end in ends)
    if first is not None and last is not None and first > last:
        raise _wrong(term, "the first number is above the last")
    return Numbers(first, last)


def _terms(text: str) -> Iterable[Term]:
    place = _past_spaces(text, 0)
    while place < len(text):
        found = TERM.match(text, place)
        if found is None or (found.end() < len(text) and not text[found.end()].isspace()):
            raise QueryNotUnderstood(
                f"“{_rest(text, place)}”: a quotation does not end where a space follows. Write it as"
                ' "…", and a quotation mark inside it as \\".'
            )
        yield _term(found)
        place = _past_spaces(text, found.end())


def _term(found: re.Match[str]) -> Term:
    quoted, key = found["quoted"], (found["key"] or "").lower()
    value = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) if quoted is not None else found["bare"] or ""
    term = Term(value, key, is_negated=bool(found["minus"]))
    if not value.strip():
        raise QueryNotUnderstood(f"“{found[0]}” has no value. Write for example {_example(key)}.")
    if key == "at":
        days_of(term)
    if key == "id":
        numbers_of(term)
    return term


def _ends(value: str) -> tuple[str, str]:
    """The two ends of a range; a single value is both."""
    first, dots, last = value.partition(RANGE)
    return first, last if dots else first


def _day(text: str) -> tuple[date, date]:
    """First and last day of a day, a month or a year."""
    found = DAY.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day = (int(part) if part else None for part in found.groups())
    first = date(year or 0, month or 1, day or 1)
    last_month = month or 12
    return first, first if day else date(first.year, last_month, monthrange(first.year, last_month)[1])


def _past_spaces(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _rest(text: str, place: int) -> str:
    return text[place : place + 40] + "…" * (len(text) > place + 40)


def _example(key: str) -> str:
    return EXAMPLES.get(key) or (f"{key}:scoring" if key else 'scoring or "said yes"')


def _wrong(term: Term, why: str) -> "QueryNotUnderstood":
    return QueryNotUnderstood(f"“{term}”: {why}. Write {EXAMPLES[term.key]}.")


class QueryNotUnderstood(DomainError):
    """A query, or one term of it, has no meaning. The sentence says which, and what to write instead."""

    status = 422
