"""What a query means to PostgreSQL: one queryset, each condition of which an index answers."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.db.models import F, Lookup, Q, QuerySet, Value

from consent.audit.events import REGISTRY, Event
from consent.audit.models import Entry
from consent.domain.ledger_people import MACHINE, opaque_id
from consent.domain.ledger_query import OWN_KEYS, PERSON_KEYS, Query, QueryNotUnderstood, Term, days_of, numbers_of

NEWEST_FIRST, OLDEST_FIRST = ("-at", "-pk"), ("at", "pk")
# A number in a payload is found as one; anything longer is no number that JSON holds exactly.
MOST_DIGITS = 15
ENTRIES_A_BATCH = 2_000


class FitsPath(Lookup):
    """`payload @? '$.** ? (@ == "steward")'`: the payload holds this value under whatever key."""

    lookup_name = "fits_path"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = compiler.compile(self.rhs)
        return f"{left} @? {right}::jsonpath", (*left_values, *right_values)


def search(query: Query, *, zone: tzinfo) -> QuerySet[Entry]:
    """The entries that fit a query in which people stand by opaque id (`ledger_people.identify`), in no order yet.

    :param zone: whose days `at:` means
    :raises QueryNotUnderstood: a kind of entry or a key of the payload that nothing here has
    """
    either: defaultdict[str, list[Q]] = defaultdict(list)
    conditions: list[Q] = []
    for term in query.terms:
        condition = _condition(term, zone)
        if term.is_negated:
            conditions.append(~condition)
        elif term.key:
            either[term.key].append(condition)
        else:
            conditions.append(condition)
    conditions += [reduce(or_, alternatives) for alternatives in either.values()]
    return Entry.objects.filter(reduce(and_, conditions, Q()))


def older_than(entry: Entry) -> Q:
    """What comes after an entry where the newest stands first. The first half is for the index alone."""
    return Q(at__lte=entry.at) & (Q(at__lt=entry.at) | Q(pk__lt=entry.pk))


def newer_than(entry: Entry) -> Q:
    """The same where the oldest stands first."""
    return Q(at__gte=entry.at) & (Q(at__gt=entry.at) | Q(pk__gt=entry.pk))


def payload_keys() -> frozenset[str]:
    """Every key that the payload of some kind of entry has."""
    return frozenset(field.name for event in REGISTRY.values() for field in fields(event))


def _condition(term: Term, zone: tzinfo) -> Q:
    if term.key == "event":
        return Q(event__in=_kinds(term))
    if term.key in PERSON_KEYS:
        return _person(term)
    if term.key == "at":
        return _instants(term, zone)
    if term.key == "id":
        numbers = numbers_of(term)
        return _between("pk", numbers.first, numbers.last)
    return _holds(term) if term.key else _says(term.value)


def _kinds(term: Term) -> list[str]:
    """The kinds that a term means, by their name or by that of their class."""
    wanted = term.value.lower()
    kinds = [name for name, event in REGISTRY.items() if wanted in (name, event.__name__.lower())]
    if not kinds and Entry.objects.filter(event=term.value).exists():
        return [term.value]  # of a kind that no code knows any more
    if not kinds:
        known = [*REGISTRY, *(event.__name__ for event in REGISTRY.values())]
        instead = [Term(name, "event") for name in _nearest(term.value, known)]
        raise QueryNotUnderstood(f"“{term}”: there is no such kind of entry. Write {_or(instead)}.")
    return kinds


def _person(term: Term) -> Q:
    if term.value.lower() == MACHINE:
        return Q((f"{term.key}__isnull", True))
    return Q((term.key, opaque_id(term.value)))


def _instants(term: Term, zone: tzinfo) -> Q:
    days = days_of(term)
    first = days.first and datetime.combine(days.first, time.min, zone)
    # The day after the last begins where the last one ends, however long it was.
    after = days.last and datetime.combine(days.last + timedelta(days=1), time.min, zone)
    return (Q(at__gte=first) if first else Q()) & (Q(at__lt=after) if after else Q())


def _between(field: str, first: int | None, last: int | None) -> Q:
    bounds = {f"{field}__gte": first, f"{field}__lte": last}
    return Q(**{lookup: bound for lookup, bound in bounds.items() if bound is not None})


def _holds(term: Term) -> Q:
    """The payload has this value under this key, alone or in a list."""
    if term.key not in payload_keys() and not Entry.objects.filter(payload__has_key=term.key).exists():
        instead = [Term(term.value, key) for key in _nearest(term.key, [*OWN_KEYS, *payload_keys()])]
        words = Term(f"{term.key}:{term.value}")
        raise QueryNotUnderstood(
            f"“{term}”: no entry holds anything called “{term.key}”. Write {_or(instead)}, or {words} for the words."
        )
    return _fits(f"$.{json.dumps(term.key)}", _values(term.value))


def _says(words: str) -> Q:
    """Free text: some of the sentence's own words, a whole value of the payload, or a person's opaque id."""
    kinds = [name for name, event in REGISTRY.items() if words.casefold() in _template(name, event)]
    condition = _fits("$.**", [*_values(words), *_values(words.lower())])
    if kinds:
        condition |= Q(event__in=kinds)
    if person := opaque_id(words):
        condition |= _as_person(person)
    return condition


def _as_person(person: UUID) -> Q:
    """Where an opaque id stands as a person. Asked for first: PostgreSQL takes an id that is nowhere for an average
    person’s, and walks the whole ledger in search of more.
    """
    found = Q()
    for key in PERSON_KEYS:
        if Entry.objects.filter((key, person)).exists():
            found |= Q((key, person))
    return found


def _fits(place: str, values: list[Any]) -> Q:
    """One of the values stands at this place, alone or in a list: one path, hence one look into the index."""
    either = " || ".join(dict.fromkeys(f"@ == {json.dumps(value)}" for value in values))
    return Q(FitsPath(F("payload"), Value(f"{place} ? ({either})")))


def _template(name: str, event: type[Event]) -> str:
    return f"{name} {event.sentence}".casefold()


def _values(text: str) -> list[Any]:
    """A text as the payload may hold it: as itself, as a number, as true, false or nothing."""
    constants = {"true": True, "false": False, "null": None}
    if text in constants:
        return [text, constants[text]]
    is_number = text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= MOST_DIGITS
    return [text, int(text)] if is_number else [text]


def _nearest(wrong: str, known: list[str]) -> list[str]:
    return get_close_matches(wrong, known, n=2, cutoff=0.5) or sorted(known)[:2]


def _or(terms: list[Term]) -> str:
    return " or ".join(map(str, terms))


class Found:
    """What a query finds, for a file: entries one by one, oldest first. How far it is, is told after each batch."""

    def __init__(self, rows: QuerySet[Entry], *, query: str, at: datetime, tell: Callable[[int], None]):
        self.rows, self.query, self.at, self.tell = rows, query, at, tell

    def __iter__(self) -> Iterator[Entry]:
        """Each batch goes on after the last entry of the one before: no transaction stays open meanwhile."""
        rows = self.rows.order_by(*OLDEST_FIRST)
        done, batch = 0, list(rows[:ENTRIES_A_BATCH])
        while batch:
            yield from batch
            self.tell(done := done + len(batch))
            batch = list(rows.filter(newer_than(batch[-1]))[:ENTRIES_A_BATCH])
