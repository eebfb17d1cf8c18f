"""What accounts writes into the ledger."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from consent.audit.events import Event


@dataclass(frozen=True, slots=True)
class PersonInvited(Event):
    sentence: ClassVar[str] = "Someone was invited to join."
    invitation: UUID
    roles: list[str]


@dataclass(frozen=True, slots=True)
class InvitationWithdrawn(Event):
    sentence: ClassVar[str] = "An invitation was withdrawn."
    invitation: UUID


@dataclass(frozen=True, slots=True)
class PersonJoined(Event):
    sentence: ClassVar[str] = "A person accepted their invitation and joined."
    invitation: UUID | None


@dataclass(frozen=True, slots=True)
class PersonCameBack(Event):
    sentence: ClassVar[str] = "Somebody who was once erased here came back, as they said themself."


@dataclass(frozen=True, slots=True)
class RoleGiven(Event):
    sentence: ClassVar[str] = "The role “{role}” was given."
    role: str


@dataclass(frozen=True, slots=True)
class RoleGivenWhileFounding(Event):
    sentence: ClassVar[str] = "The role “{role}” was given by one alone: the company had no two who could decide yet."
    role: str


@dataclass(frozen=True, slots=True)
class RoleNotGiven(Event):
    sentence: ClassVar[str] = "An invitation offered the role “{role}”, which two others give now: it was not given."
    role: str


@dataclass(frozen=True, slots=True)
class RoleTaken(Event):
    sentence: ClassVar[str] = "The role “{role}” was taken away."
    role: str


@dataclass(frozen=True, slots=True)
class CompanyMade(Event):
    sentence: ClassVar[str] = "The company “{schema}” was made."
    schema: str


@dataclass(frozen=True, slots=True)
class OwnerInvited(Event):
    sentence: ClassVar[str] = "The company “{schema}” had no owner any more; the operator invited one."
    schema: str


@dataclass(frozen=True, slots=True)
class CompanySuspended(Event):
    sentence: ClassVar[str] = "The company “{schema}” was suspended."
    schema: str


@dataclass(frozen=True, slots=True)
class CompanyReopened(Event):
    sentence: ClassVar[str] = "The company “{schema}” was opened again."
    schema: str


@dataclass(frozen=True, slots=True)
class JobCancelled(Event):
    sentence: ClassVar[str] = "A job was cancelled."
    job: UUID


@dataclass(frozen=True, slots=True)
class TeamMade(Event):
    sentence: ClassVar[str] = "A team was made."
    team: UUID


@dataclass(frozen=True, slots=True)
class TeamJoined(Event):
    sentence: ClassVar[str] = "A person was put into a team."
    team: UUID


@dataclass(frozen=True, slots=True)
class TeamLeft(Event):
    sentence: ClassVar[str] = "A person was taken out of their team."
    team: UUID
