"""What pages and mails show of proposals: who can decide, how each stands, what differs."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Person
from consent.domain.matters import Matter, matter_of
from consent.models import Proposal

GONE = "someone who has left"


class Names(dict[UUID, str]):
    """Names by opaque id. Who is not here any more is said so."""

    def __missing__(self, key: UUID) -> str:
        return GONE


def names_of(people: Iterable[UUID]) -> Names:
    return Names(Person.objects.filter(pk__in=set(people)).values_list("pk", "name"))


def standing_of(proposal: Proposal) -> str:
    """How it stands now: its state, or that it is approved or too old."""
    standing: str = Proposal.objects.with_standing().values_list("standing", flat=True).get(pk=proposal.pk)
    return standing


def deciders_left(proposal: Proposal) -> QuerySet[Person]:
    """Who could decide on it and has not, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id FROM consent_deciders(%s) WHERE NOT consent_has_decided(%s, person_id)",
            [proposal.pk, proposal.pk],
        )
        people = [person for (person,) in cursor.fetchall()]
    return Person.objects.filter(pk__in=people).order_by("name")


@dataclass(frozen=True)
class Part:
    """Where one person stands towards a proposal, and how far it is."""

    is_involved: bool
    is_exported: bool
    can_decide: bool
    counted: int
    needed: int


def part_in(proposal: Proposal, person: Person) -> Part:
    """Ask PostgreSQL what it would let this person do, and how many approvals count now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT consent_is_involved(p.id, %s), consent_is_exported(p.id, %s), consent_can_decide(p.id, %s),"
            " consent_approvals(p.id), consent_approvals_needed(p.id) FROM consent_proposal p WHERE p.id = %s",
            [person.pk, person.pk, person.pk, proposal.pk],
        )
        return Part(*cursor.fetchone())


@dataclass(frozen=True)
class Listed:
    """A proposal as a list shows it."""

    proposal: Proposal
    heading: str
    author: str


def listed(proposals: Iterable[Proposal]) -> list[Listed]:
    """Give each its heading and author's name, in one question for all of them."""
    matters = [(proposal, matter_of(proposal)) for proposal in proposals]
    concerned = [person for _, matter in matters for person in matter.concerns()]
    names = names_of([*concerned, *(proposal.author for proposal, _ in matters)])
    return [Listed(proposal, matter.heading(names), names[proposal.author]) for proposal, matter in matters]


@dataclass(frozen=True)
class Fact:
    """One field of what is proposed; `was` is None where nothing stood before, or nothing changes."""

    label: str
    value: str
    was: str | None = None


def facts_of(matter: Matter, names: Names) -> list[Fact]:
    """Every field in words, with what it was in the version that it would replace."""
    before = matter.before()
    old = dict(before.facts(names)) if before else {}
    return [
        Fact(label, value, old[label] if label in old and old[label] != value else None)
        for label, value in matter.facts(names)
    ]
