"""What a proposal can be about. Each kind freezes its fields, says them in words, and knows what it would replace."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import ClassVar, Protocol, Self
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.errors import DomainError
from accounts.states import Permission, Role
from consent.models import ApprovalPolicy, Erasure, Proposal, PurposeVersion
from consent.states import ProposalKind, PurposeKey

Names = Mapping[UUID, str]
Evidence = tuple[str, str] | None


class Matter(Protocol):
    """The payload of one kind of proposal."""

    kind: ClassVar[ProposalKind]
    proposed_with: ClassVar[Permission]

    # What is opened before one approves, where there is such a thing: the link's words, and the page's name.
    evidence: ClassVar[Evidence]

    def concerns(self) -> list[UUID]:
        """Whom it is about."""

    def heading(self, names: Names) -> str:
        """One line that says what would happen."""

    def facts(self, names: Names) -> list[tuple[str, str]]:
        """Every field, in words: what is approved is what is read."""

    def before(self) -> Self | None:
        """What it would replace, as it was when this was written."""


@dataclass(frozen=True)
class Wording:
    """The next version of a purpose."""

    kind: ClassVar = ProposalKind.PURPOSE_VERSION
    proposed_with: ClassVar = Permission.PROPOSE_PURPOSES
    evidence: ClassVar[Evidence] = None
    purpose: str
    version: int
    title: str
    text: str
    legal_basis: str
    assessment: str
    minimum_age: int
    keeps_for_days: int

    @classmethod
    def of(cls, row: PurposeVersion) -> Self:
        return cls(
            row.purpose, row.version, row.title, row.text, row.legal_basis, row.assessment, row.minimum_age,
            row.keeps_for.days,
        )  # fmt: skip

    def concerns(self) -> list[UUID]:
        return []

    def heading(self, names: Names) -> str:  # noqa: ARG002 - the signature of all matters
        return f"New wording of “{PurposeKey(self.purpose).label}”"

    def facts(self, names: Names) -> list[tuple[str, str]]:  # noqa: ARG002
        return [
            ("Purpose", PurposeKey(self.purpose).label),
            ("Version", str(self.version)),
            ("Title", self.title),
            ("What people read", self.text),
            ("Legal basis", self.legal_basis),
            ("Why it holds", self.assessment),
            ("Minimum age", f"{self.minimum_age} years"),
            ("Kept for", f"{self.keeps_for_days} days"),
        ]

    def before(self) -> Self | None:
        row = PurposeVersion.objects.filter(purpose=self.purpose, version=self.version - 1).first()
        return type(self).of(row) if row else None


@dataclass(frozen=True)
class PolicyChange:
    """The next version of who decides on one kind."""

    kind: ClassVar = ProposalKind.APPROVAL_POLICY
    proposed_with: ClassVar = Permission.PROPOSE_POLICIES
    evidence: ClassVar[Evidence] = None
    target: str
    version: int
    approvals_needed: int
    decided_by: list[str]
    expiry_hours: int
    execution_hours: int

    @classmethod
    def of(cls, row: ApprovalPolicy) -> Self:
        hours = [int(span.total_seconds() // 3600) for span in (row.expires_after, row.execution_window)]
        return cls(row.kind, row.version, row.approvals_needed, sorted(row.decided_by), *hours)

    def concerns(self) -> list[UUID]:
        return []

    def heading(self, names: Names) -> str:  # noqa: ARG002
        return f"Who decides on “{ProposalKind(self.target).label}”"

    def facts(self, names: Names) -> list[tuple[str, str]]:  # noqa: ARG002
        return [
            ("On what", ProposalKind(self.target).label),
            ("Version", str(self.version)),
            ("How many must approve", str(self.approvals_needed)),
            ("Who may decide", ", ".join(self.role_labels())),
            ("To be decided within", f"{self.expiry_hours} hours"),
            ("To take effect within", f"{self.execution_hours} hours more"),
        ]

    def role_labels(self) -> list[str]:
        return [Role(role).label for role in self.decided_by]

    def before(self) -> Self | None:
        row = ApprovalPolicy.objects.filter(kind=self.target, version=self.version - 1).first()
        return type(self).of(row) if row else None


@dataclass(frozen=True)
class RoleGift:
    """One of the three roles that two others give, for one person."""

    kind: ClassVar = ProposalKind.GRANT_ROLE
    proposed_with: ClassVar = Permission.MANAGE_PEOPLE
    evidence: ClassVar[Evidence] = None
    person: str
    role: str

    def concerns(self) -> list[UUID]:
        return [UUID(self.person)]

    def heading(self, names: Names) -> str:
        return f"Make {names[UUID(self.person)]} {Role(self.role).label.lower()}"

    def facts(self, names: Names) -> list[tuple[str, str]]:
        return [("Person", names[UUID(self.person)]), ("Role", Role(self.role).label)]

    def before(self) -> Self | None:
        return None


@dataclass(frozen=True)
class PeopleExport:
    """An officer's export of what is kept about certain people."""

    kind: ClassVar = ProposalKind.PEOPLE_EXPORT
    proposed_with: ClassVar = Permission.EXPORT_PEOPLE
    evidence: ClassVar[Evidence] = None
    people: list[str]
    what: str
    reason: str

    def concerns(self) -> list[UUID]:
        return [UUID(person) for person in self.people]

    def heading(self, names: Names) -> str:
        return "Export about " + ", ".join(names[person] for person in self.concerns())

    def facts(self, names: Names) -> list[tuple[str, str]]:
        about = ", ".join(names[person] for person in self.concerns())
        return [("About", about), ("What", self.what), ("Why", self.reason)]

    def before(self) -> Self | None:
        return None


@dataclass(frozen=True)
class Hold:
    """A legal hold on what is kept of one person."""

    kind: ClassVar = ProposalKind.LEGAL_HOLD
    proposed_with: ClassVar = Permission.MANAGE_HOLDS
    evidence: ClassVar[Evidence] = None
    person: str
    reason: str
    authority: str
    review_on: str
    silent_because: str

    def concerns(self) -> list[UUID]:
        return [UUID(self.person)]

    def heading(self, names: Names) -> str:
        return f"Legal hold on what is kept of {names[UUID(self.person)]}"

    def facts(self, names: Names) -> list[tuple[str, str]]:
        told = f"No, because: {self.silent_because}" if self.silent_because else "Yes, by mail and on their own pages"
        return [
            ("Person", names[UUID(self.person)]),
            ("Why", self.reason),
            ("On whose authority", self.authority),
            ("To be reviewed by", f"{date.fromisoformat(self.review_on):%-d %B %Y}"),
            ("Is the person told", told),
        ]

    def before(self) -> Self | None:
        return None


@dataclass(frozen=True)
class Closing:
    """The end of the company here."""

    kind: ClassVar = ProposalKind.CLOSE_COMPANY
    proposed_with: ClassVar = Permission.CLOSE_COMPANY
    evidence: ClassVar[Evidence] = None
    name: str
    reason: str

    def concerns(self) -> list[UUID]:
        return []

    def heading(self, names: Names) -> str:  # noqa: ARG002
        return f"Close {self.name} for good"

    def facts(self, names: Names) -> list[tuple[str, str]]:  # noqa: ARG002
        return [
            ("Company", self.name),
            ("Why", self.reason),
            (
                "What happens",
                "Nobody gets in from then on. The ledger is exported with its proofs, then all is deleted.",
            ),
        ]

    def before(self) -> Self | None:
        return None


@dataclass(frozen=True)
class Remainder:
    """An erasure that ends as incomplete: what is left, and why it has to stay."""

    kind: ClassVar = ProposalKind.ACCEPT_REMAINDER
    proposed_with: ClassVar = Permission.SEE_DEADLINES
    evidence: ClassVar[Evidence] = None
    erasure: str
    left: dict[str, int]
    reason: str

    def concerns(self) -> list[UUID]:
        return []

    def heading(self, names: Names) -> str:  # noqa: ARG002
        return f"End the erasure {self._reference()} as incomplete"

    def facts(self, names: Names) -> list[tuple[str, str]]:  # noqa: ARG002
        left = ", ".join(f"{place} ({rows} rows)" for place, rows in sorted(self.left.items()))
        return [("Erasure", self._reference()), ("What is left", left), ("Why it has to stay", self.reason)]

    def before(self) -> Self | None:
        return None

    def _reference(self) -> str:
        return str(Erasure.objects.get(pk=self.erasure))


OWN = (Wording, PolicyChange, RoleGift, PeopleExport, Hold, Closing, Remainder)


@cache
def matters() -> dict[str, type[Matter]]:
    """Every kind of matter by its name, those of the apps above among them."""
    above = [import_string(path) for path in settings.MATTERS]
    return {matter.kind: matter for matter in (*OWN, *above)}


def matter_of(proposal: Proposal) -> Matter:
    """Read a proposal's frozen payload back.

    :raises UnknownMatter: no code knows its kind or one of its fields
    """
    known = matters().get(proposal.kind)
    try:
        return known(**json.loads(proposal.payload))  # type: ignore[misc] # None is no matter either
    except TypeError as unknown:
        raise UnknownMatter("Nobody here knows what this proposal would do, so nothing is done with it.") from unknown


class UnknownMatter(DomainError):
    """The kind, or a field of it, is unknown to this code."""
