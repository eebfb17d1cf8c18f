"""What scoring writes into the ledger."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from consent.audit.events import Event


@dataclass(frozen=True, slots=True)
class RunHeldBack(Event):
    sentence: ClassVar[str] = (
        "Scores as of the week of {week}, by version {model} of the model, were held back: {beyond} moved too far."
    )
    run: int
    model: int
    week: str
    beyond: str


@dataclass(frozen=True, slots=True)
class RunLetThrough(Event):
    sentence: ClassVar[str] = "A steward let through what had been held back, and gave a reason."
    run: int


@dataclass(frozen=True, slots=True)
class DriftBoundsSet(Event):
    sentence: ClassVar[str] = (
        "From now on a run is held back beyond a stability index of {stability}, a change of {without} in the share"
        " without enough to go by, or a source’s volume below {volume_least} or above {volume_most} times its usual."
    )
    stability: str
    without: str
    volume_least: str
    volume_most: str


@dataclass(frozen=True, slots=True)
class ScoreShared(Event):
    sentence: ClassVar[str] = "A person began to show their score to somebody whom they named."
    share: UUID


@dataclass(frozen=True, slots=True)
class ShareEnded(Event):
    sentence: ClassVar[str] = "A person stopped showing their score to somebody."
    share: UUID


@dataclass(frozen=True, slots=True)
class PauseBegun(Event):
    sentence: ClassVar[str] = "A person paused: the half-life’s clock stands still for them."
    pause: int


@dataclass(frozen=True, slots=True)
class PauseEnded(Event):
    sentence: ClassVar[str] = "A person went on after a pause."
    pause: int


@dataclass(frozen=True, slots=True)
class CountsExcluded(Event):
    sentence: ClassVar[str] = "A person left out {counts} of their numbers of the week of {week}."
    week: str
    counts: int


@dataclass(frozen=True, slots=True)
class CountsIncluded(Event):
    sentence: ClassVar[str] = "A person had {counts} of their numbers of the week of {week} counted again."
    week: str
    counts: int


@dataclass(frozen=True, slots=True)
class ManyExcluded(Event):
    sentence: ClassVar[str] = "A person left out all that was kept of one {of}: {counts} numbers."
    of: str
    counts: int


@dataclass(frozen=True, slots=True)
class ManyIncluded(Event):
    sentence: ClassVar[str] = "A person had all that was kept of one {of} counted again: {counts} numbers."
    of: str
    counts: int


@dataclass(frozen=True, slots=True)
class DisputeOpened(Event):
    sentence: ClassVar[str] = "{reference}: a person said that something counted of them is wrong."
    dispute: UUID
    reference: str


@dataclass(frozen=True, slots=True)
class DisputeAnswered(Event):
    sentence: ClassVar[str] = "{reference}: somebody answered what a person said is wrong: {outcome}."
    dispute: UUID
    reference: str
    outcome: str


@dataclass(frozen=True, slots=True)
class DisputeAppealed(Event):
    sentence: ClassVar[str] = "{reference}: a person did not accept an answer. Another steward decides."
    dispute: UUID
    reference: str


@dataclass(frozen=True, slots=True)
class CountsCorrected(Event):
    sentence: ClassVar[str] = "{reference}: {counts} numbers of a person were wrong and are set right."
    dispute: UUID
    reference: str
    counts: int


@dataclass(frozen=True, slots=True)
class Prepared(Event):
    sentence: ClassVar[str] = "Before scoring: {kind} was recorded."
    kind: str


@dataclass(frozen=True, slots=True)
class SwitchedOff(Event):
    sentence: ClassVar[str] = "Scoring was switched off."


@dataclass(frozen=True, slots=True)
class ModelTried(Event):
    sentence: ClassVar[str] = "Numbers of a model ({digest}) were tried on what is counted, in figures about groups."
    digest: str


@dataclass(frozen=True, slots=True)
class InboxOpened(Event):
    sentence: ClassVar[str] = "A source began to send events by itself, from {service}."
    source: UUID
    service: str


@dataclass(frozen=True, slots=True)
class InboxSecretChanged(Event):
    sentence: ClassVar[str] = "A source’s events are signed with another secret."
    source: UUID


@dataclass(frozen=True, slots=True)
class InboxSecretDropped(Event):
    sentence: ClassVar[str] = "A source’s earlier secret is good no more."
    source: UUID


@dataclass(frozen=True, slots=True)
class InboxClosed(Event):
    sentence: ClassVar[str] = "A source sends no events by itself any more."
    source: UUID


@dataclass(frozen=True, slots=True)
class HandlesNamed(Event):
    sentence: ClassVar[str] = "What a service calls {people} people who granted its source was brought in."
    source: UUID
    people: int


@dataclass(frozen=True, slots=True)
class WeekClosed(Event):
    sentence: ClassVar[str] = "The events of the week of {week} became {counts} numbers, and its key was destroyed."
    source: UUID
    week: str
    counts: int


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    sentence: ClassVar[str] = (
        "A run worked out scores as of the week of {week}, with model version {model} (scope: {scope})."
    )
    run: int
    scope: str
    model: int
    week: str


@dataclass(frozen=True, slots=True)
class FileTaken(Event):
    sentence: ClassVar[str] = "A file of {size} bytes was taken in for a source."
    upload: UUID
    source: UUID
    size: int


@dataclass(frozen=True, slots=True)
class FileGivenUp(Event):
    sentence: ClassVar[str] = "A file was {outcome} and deleted. Nothing of it was counted."
    upload: UUID
    outcome: str


@dataclass(frozen=True, slots=True)
class FileRead(Event):
    sentence: ClassVar[str] = "A file was read: {read} rows, {malformed} of them malformed. The raw file was deleted."
    upload: UUID
    read: int
    malformed: int


@dataclass(frozen=True, slots=True)
class ModelAudited(Event):
    sentence: ClassVar[str] = (
        "Version {model} of the model was audited for bias, over the scores of the week of {week}."
    )
    model: int
    week: str


@dataclass(frozen=True, slots=True)
class AuditPublished(Event):
    sentence: ClassVar[str] = "The bias audit of version {model} of the model, week of {week}, was published."
    model: int
    week: str
