"""Between names and opaque ids. Putting one to the other is a recorded use of data (design §5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from accounts.models import Person
from consent.domain.data_uses import data_use
from consent.domain.ledger_query import PERSON_KEYS, Query, QueryNotUnderstood, Term, parse
from consent.states import PurposeKey

MACHINE = "machine"
MOST_PEOPLE = 10


@dataclass(frozen=True, slots=True)
class Identified:
    """A query that names people by opaque id alone, and those whom it named otherwise before."""

    query: Query
    people: frozenset[UUID]


def identify(query: Query) -> Identified:
    """Put opaque ids in the place of names and addresses. Whoever shows or keeps the result records it as a use.

    :raises QueryNotUnderstood: a name fits nobody, or too many; or the query grows too long by it
    """
    named = [term for term in query.terms if term.key in PERSON_KEYS and not _is_settled(term.value)]
    if not named:
        return Identified(query, frozenset())
    candidates = _candidates({term.value for term in named})
    found = {term: _fitting(term, candidates) for term in named}
    identified = Query(tuple(new for term in query.terms for new in _identified(term, found)))
    # Read anew, so that what is kept can be opened again: it may have grown too long.
    return Identified(parse(str(identified)), frozenset().union(*found.values()))


def identify_on_record(query: Query, *, by: Person, reason: str, at: datetime) -> Query:
    """The same for a query that is kept: whoever was named in it can read of that.

    :raises QueryNotUnderstood: as `identify`
    :raises ReaderRefused: names are for compliance officers; the attempt is on record
    """
    identified = identify(query)
    name(identified.people, by=by, reason=reason, at=at)
    return identified.query


def name(people: Iterable[UUID], *, by: Person, reason: str, at: datetime) -> dict[UUID, str]:
    """The names of these people, put on record as one use of data before the first is read.

    :raises ReaderRefused: the reader may not review compliance; the attempt is on record
    """
    wanted = sorted(set(people))
    if not wanted:
        return {}
    with data_use(PurposeKey.COMPLIANCE_REVIEW, by=by, about=wanted, reason=reason, at=at):
        return dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name"))


def _is_settled(value: str) -> bool:
    return value.lower() == MACHINE or opaque_id(value) is not None


def opaque_id(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _candidates(values: set[str]) -> list[tuple[UUID, str, str]]:
    """Everybody whom one of the names or addresses could mean, in one question; one more than are let through."""
    fits = reduce(or_, (Q(name__icontains=value) | Q(email__iexact=value) for value in values))
    people = Person.objects.filter(fits).order_by("pk").values_list("pk", "name", "email")
    return list(people[: MOST_PEOPLE * len(values) + 1])


def _fitting(term: Term, candidates: list[tuple[UUID, str, str]]) -> frozenset[UUID]:
    """Those whose address or whole name it is; else those whose name has it as a part."""
    wanted = term.value.casefold()
    exact = {pk for pk, name, email in candidates if wanted in (name.casefold(), email.casefold())}
    fitting = exact or {pk for pk, name, _ in candidates if wanted in name.casefold()}
    if not fitting:
        raise QueryNotUnderstood(
            f"“{term}”: nobody here is called that. Write a name, an e-mail address or the whole opaque id"
            " of somebody; whoever has left can be found by the opaque id alone."
        )
    if len(fitting) > MOST_PEOPLE:
        raise QueryNotUnderstood(
            f"“{term}”: more than {MOST_PEOPLE} people are called that. Write more of the name, or the e-mail address."
        )
    return frozenset(fitting)


def _identified(term: Term, found: dict[Term, frozenset[UUID]]) -> Iterable[Term]:
    if term not in found:
        return (term,)
    return (Term(str(pk), term.key, term.is_negated) for pk in sorted(found[term]))
