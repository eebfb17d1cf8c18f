"""Proposals and decisions written as the app's own role could write them: plain inserts, no domain code."""

from uuid import uuid4

from django.db import connection
from django.utils import timezone

from accounts.models import Person
from accounts.states import Role
from consent.domain.canonical import canonical, digest_of
from consent.domain.matters import matter_of
from consent.models import Proposal, PurposeVersion
from scoring.domain import previews
from tests.factories.accounts import PersonFactory


def two_approvers() -> tuple[Person, Person]:
    """The two who found a company."""
    return PersonFactory(roles=[Role.APPROVER]), PersonFactory(roles=[Role.APPROVER])


def wording(**changes) -> dict:
    """The payload of a new wording of the scoring purpose."""
    current = PurposeVersion.objects.get(purpose="scoring", is_current=True)
    return {
        "purpose": "scoring",
        "version": current.version + 1,
        "title": "Work out my score",
        "text": "In fewer words.",
        "legal_basis": "Consent.",
        "assessment": "Nothing depends on it.",
        "minimum_age": 18,
        "keeps_for_days": 365,
        **changes,
    }


def policy(**changes) -> dict:
    """The payload of a change of who decides on wordings."""
    return {
        "target": "purpose_version",
        "version": 2,
        "approvals_needed": 2,
        "decided_by": ["approver"],
        "expiry_hours": 48,
        "execution_hours": 12,
        **changes,
    }


def role(person, name="steward") -> dict:
    return {"person": str(person.pk), "role": name}


def export(*people, **changes) -> dict:
    return {"people": [str(person.pk) for person in people], "what": "Scores", "reason": "A letter.", **changes}


def opened(kind, payload, *, author, supersedes=None, digest=None) -> Proposal:
    text = payload if isinstance(payload, str) else canonical(payload)
    pk = uuid4()
    _insert(
        "consent_proposal",
        id=pk,
        kind=kind,
        payload=text,
        digest=digest or digest_of(text),
        author=author.pk,
        supersedes_id=supersedes and supersedes.pk,
    )
    return Proposal.objects.get(pk=pk)


def decided(proposal, person, verb="approve", *, digest=None, reason="", authenticated_at=...) -> None:
    _insert(
        "consent_decision",
        proposal_id=proposal.pk,
        digest=digest or proposal.digest,
        person=person.pk,
        verb=verb,
        reason=reason,
        authenticated_at=timezone.now() if authenticated_at is ... else authenticated_at,
    )


def executed(proposal, person) -> None:
    _insert("consent_execution", proposal_id=proposal.pk, executed_by=person.pk)


def standing(proposal) -> str:
    return Proposal.objects.with_standing().get(pk=proposal.pk).standing


def appointed(name, *, by: tuple[Person, Person], author: Person) -> Person:
    """Somebody who was given a role as it has to be given once a company is founded."""
    person = PersonFactory()
    proposal = opened("grant_role", role(person, name), author=author)
    [decided(proposal, approver) for approver in by]
    executed(proposal, author)
    return person


def _insert(table, **values):
    columns, places = ", ".join(values), ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", list(values.values()))


def previewed(proposal, *people) -> None:
    """What a proposed model would do was worked out, and these people opened it."""
    numbers = matter_of(proposal).numbers
    if previews.preview_of(numbers) is None:
        previews.make_preview(numbers, by=None, at=timezone.now())
    for person in people:
        previews.put_on_record_that_it_was_opened(proposal, by=person)
