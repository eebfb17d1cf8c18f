"""The ledger as an officer reads it: a page of entries that fit a query, and one entry alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Person
from consent.audit.models import Entry
from consent.domain.ledger_people import identify, name
from consent.domain.ledger_query import Query, parse
from consent.domain.ledger_search import NEWEST_FIRST, older_than, search

ENTRIES_A_PAGE = 50
COUNTED_AT_MOST = 1000  # Counting millions takes seconds, and nobody reads the number.
SEARCHED, READ = "Searching the ledger by name", "Reading names in the ledger"


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody in an entry. No name: it was not asked for, or they have left."""

    id: UUID
    name: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, as a page shows it; nobody acted where it was the machine."""

    entry: Entry
    by: Who | None
    about: Who | None


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Page:
    """Entries by day, the newest first. `older` is the entry after which the next page begins, if there is one.

    :param count: how many fit in all, up to COUNTED_AT_MOST; the first page alone knows
    """

    query: Query
    days: list[Day]
    count: int | None
    is_more: bool
    older: int | None


def read_page(text: str, *, before: Entry | None, with_names: bool, by: Person, at: datetime, zone: tzinfo) -> Page:
    """Search, and read one page of what is found. Names that were asked for or searched by are put on record.

    :raises QueryNotUnderstood: with the term at fault
    :raises ReaderRefused: names are for compliance officers; the attempt is on record
    """
    query = parse(text)
    identified = identify(query)
    found = search(identified.query, zone=zone).order_by(*NEWEST_FIRST)
    numbers = _first_numbers(found) if before is None else _numbers_after(found, before)
    shown, count = numbers[:ENTRIES_A_PAGE], len(numbers) if before is None else None
    entries = list(Entry.objects.filter(pk__in=shown).order_by(*NEWEST_FIRST))
    people = identified.people | (_people_in(entries) if with_names else frozenset())
    names = name(people, by=by, reason=READ if with_names else SEARCHED, at=at)
    return Page(
        query=query,
        days=_by_day(entries, names, zone),
        count=count and min(count, COUNTED_AT_MOST),
        is_more=len(numbers) > COUNTED_AT_MOST,
        older=shown[-1] if len(numbers) > ENTRIES_A_PAGE else None,
    )


def read_entry(entry: Entry, *, with_names: bool, by: Person, at: datetime) -> Line:
    """One entry. Names that were asked for are put on record.

    :raises ReaderRefused: names are for compliance officers; the attempt is on record
    """
    return _line(entry, name(_people_in([entry]) if with_names else (), by=by, reason=READ, at=at))


def _first_numbers(found: QuerySet[Entry]) -> list[int]:
    """As many as are counted, of which the first are shown: what is found is looked for once."""
    return list(found.values_list("pk", flat=True)[: COUNTED_AT_MOST + 1])


def _numbers_after(found: QuerySet[Entry], before: Entry) -> list[int]:
    return list(found.filter(older_than(before)).values_list("pk", flat=True)[: ENTRIES_A_PAGE + 1])


def _people_in(entries: Iterable[Entry]) -> frozenset[UUID]:
    return frozenset(person for entry in entries for person in (entry.by, entry.about) if person)


def _by_day(entries: list[Entry], names: dict[UUID, str], zone: tzinfo) -> list[Day]:
    days = groupby(entries, key=lambda entry: entry.at.astimezone(zone).date())
    return [Day(on, [_line(entry, names) for entry in group]) for on, group in days]


def _line(entry: Entry, names: dict[UUID, str]) -> Line:
    by, about = (Who(person, names.get(person, "")) if person else None for person in (entry.by, entry.about))
    return Line(entry, by, about)
