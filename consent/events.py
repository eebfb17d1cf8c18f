"""What consent writes into the ledger."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from consent.audit.events import Event


@dataclass(frozen=True, slots=True)
class GrantMade(Event):
    sentence: ClassVar[str] = "A person said yes to the purpose “{purpose}” (version {version}) for one source."
    grant: int
    purpose: str
    version: int
    source: UUID
    counts_from: str


@dataclass(frozen=True, slots=True)
class GrantWithdrawn(Event):
    sentence: ClassVar[str] = "A person withdrew the purpose “{purpose}” for one source; what it covered was deleted."
    grant: int
    purpose: str
    source: UUID


@dataclass(frozen=True, slots=True)
class DataUsed(Event):
    """Written by the gate itself (consent/sql/gate.sql), on its own connection."""

    sentence: ClassVar[str] = (
        "Data was used for the purpose “{purpose}” (version {version}): {asked} asked for, {allowed} allowed."
    )
    use: UUID
    purpose: str
    version: int
    asked: int
    allowed: int


@dataclass(frozen=True, slots=True)
class StayedOut(Event):
    sentence: ClassVar[str] = "A person chose to stay out."
    choice: UUID


@dataclass(frozen=True, slots=True)
class GrantRefused(Event):
    sentence: ClassVar[str] = "A yes was refused: {reason}."
    reason: str


@dataclass(frozen=True, slots=True)
class SourceMade(Event):
    sentence: ClassVar[str] = "A source of the kind “{kind}” was set up."
    source: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class SourceRetired(Event):
    sentence: ClassVar[str] = "A source was retired: nothing more is read from it."
    source: UUID


@dataclass(frozen=True, slots=True)
class SourceStopped(Event):
    sentence: ClassVar[str] = "A source was stopped: nothing is taken in from it until it is started again."
    source: UUID


@dataclass(frozen=True, slots=True)
class SourceStarted(Event):
    sentence: ClassVar[str] = "A stopped source was started again."
    source: UUID


@dataclass(frozen=True, slots=True)
class SourceRemoved(Event):
    sentence: ClassVar[str] = "A source was removed, with all that was counted of it."
    source: UUID


@dataclass(frozen=True, slots=True)
class ProposalOpened(Event):
    sentence: ClassVar[str] = "Version {version} of a proposal of the kind “{kind}” was opened for decision."
    proposal: UUID
    kind: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class ProposalApproved(Event):
    sentence: ClassVar[str] = "One person approved a proposal of the kind “{kind}”."
    proposal: UUID
    kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class ProposalSentBack(Event):
    sentence: ClassVar[str] = "A proposal of the kind “{kind}” was sent back to its author: {reason}"
    private: ClassVar[tuple[str, ...]] = ("reason",)
    proposal: UUID
    kind: str
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalRejected(Event):
    sentence: ClassVar[str] = "A proposal of the kind “{kind}” was rejected: {reason}"
    private: ClassVar[tuple[str, ...]] = ("reason",)
    proposal: UUID
    kind: str
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalWithdrawn(Event):
    sentence: ClassVar[str] = "A proposal of the kind “{kind}” was withdrawn."
    proposal: UUID
    kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class ProposalExecuted(Event):
    sentence: ClassVar[str] = "A proposal of the kind “{kind}” took effect: two others had approved it."
    proposal: UUID
    kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class ExportedAbout(Event):
    sentence: ClassVar[str] = "An export about a person was made, as two others had approved."
    proposal: UUID


@dataclass(frozen=True, slots=True)
class ApproverAppointedFromOutside(Event):
    sentence: ClassVar[str] = "Whoever runs the database made a person approver: too few were left to decide on it."


@dataclass(frozen=True, slots=True)
class LedgerExported(Event):
    sentence: ClassVar[str] = "The ledger was exported as {format}: {rows} entries."
    export: UUID
    format: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class OwnDataOrdered(Event):
    sentence: ClassVar[str] = "A person’s own data was ordered as one file."
    export: UUID


@dataclass(frozen=True, slots=True)
class OwnDataMade(Event):
    sentence: ClassVar[str] = "A person’s own data was put into one file: {rows} rows."
    export: UUID
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class OwnDataCancelled(Event):
    sentence: ClassVar[str] = "The file of a person’s own data was cancelled before it was made."
    export: UUID


@dataclass(frozen=True, slots=True)
class ObligationOpened(Event):
    sentence: ClassVar[str] = "{reference}: an obligation of the kind “{kind}” was opened, due {due}."
    obligation: UUID
    kind: str
    reference: str
    due: str


@dataclass(frozen=True, slots=True)
class ObligationDone(Event):
    sentence: ClassVar[str] = "{reference}: an obligation of the kind “{kind}” ended: {outcome}."
    obligation: UUID
    kind: str
    reference: str
    outcome: str


@dataclass(frozen=True, slots=True)
class DeadlineExtended(Event):
    sentence: ClassVar[str] = "{reference}: the deadline was extended once: {reason}"
    private: ClassVar[tuple[str, ...]] = ("reason",)
    obligation: UUID
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeadlineMissed(Event):
    sentence: ClassVar[str] = "{reference}: the deadline of an obligation of the kind “{kind}” was missed."
    obligation: UUID
    kind: str
    reference: str


@dataclass(frozen=True, slots=True)
class ErasureRequested(Event):
    sentence: ClassVar[str] = "{reference}: a person’s erasure was asked for."
    reference: str
    by_letter: bool


@dataclass(frozen=True, slots=True)
class ErasureIncomplete(Event):
    sentence: ClassVar[str] = "{reference}: after attempt {attempts} something is left in {places}. It is tried again."
    erasure: UUID
    reference: str
    places: list[str]
    attempts: int


@dataclass(frozen=True, slots=True)
class PersonErased(Event):
    """The certificate. `commitment` is to the person's address, under a salt that only they can work out."""

    sentence: ClassVar[str] = "{reference}: a person was erased and everything looked through again: {outcome}."
    erasure: UUID
    reference: str
    outcome: str
    commitment: str
    rows_before: dict[str, int]
    rows_after: dict[str, int]
    residue: dict[str, int]
    held: int
    data_map: str
    verification: str
    due: str
    erased: str
    fully_erased_on: str


@dataclass(frozen=True, slots=True)
class StorageRewritten(Event):
    sentence: ClassVar[str] = "The pages of tables with names were written anew after {erasures} erasures."
    erasures: int


@dataclass(frozen=True, slots=True)
class LastOwnerLeft(Event):
    sentence: ClassVar[str] = "The last owner left. The operator can invite another."


@dataclass(frozen=True, slots=True)
class JournalReplayed(Event):
    sentence: ClassVar[str] = (
        "After a restore the journal of those who left was replayed: {lines} lines, {withdrawn} withdrawals and"
        " {erased} erasures done again. Reading goes on."
    )
    lines: int
    withdrawn: int
    erased: int
    position: int
    digest: str


@dataclass(frozen=True, slots=True)
class JournalCompared(Event):
    """Written by PostgreSQL itself (consent/sql/fence.sql)."""

    sentence: ClassVar[str] = (
        "The database server was started. The journal of those who left knows nobody more than it, so reading goes on."
    )
    position: int
    digest: str


@dataclass(frozen=True, slots=True)
class LatenessExplained(Event):
    sentence: ClassVar[str] = "{reference}: why the deadline was missed was put down: {because}"
    private: ClassVar[tuple[str, ...]] = ("because",)
    obligation: UUID
    reference: str
    because: str


@dataclass(frozen=True, slots=True)
class HolidayAdded(Event):
    sentence: ClassVar[str] = "{day} is no working day from now on."
    day: str


@dataclass(frozen=True, slots=True)
class HolidayRemoved(Event):
    sentence: ClassVar[str] = "{day} is a working day again."
    day: str


@dataclass(frozen=True, slots=True)
class HoldPlaced(Event):
    sentence: ClassVar[str] = "A legal hold was placed: what is kept of a person may not be destroyed."
    hold: UUID


@dataclass(frozen=True, slots=True)
class HoldReviewed(Event):
    sentence: ClassVar[str] = "A legal hold was reviewed and stands until {review_on}: {reason}"
    private: ClassVar[tuple[str, ...]] = ("reason",)
    hold: UUID
    review_on: str
    reason: str


@dataclass(frozen=True, slots=True)
class HoldLifted(Event):
    sentence: ClassVar[str] = "A legal hold was lifted, and {rows} rows that it had kept were destroyed: {reason}"
    private: ClassVar[tuple[str, ...]] = ("reason",)
    hold: UUID
    rows: int
    reason: str


@dataclass(frozen=True, slots=True)
class HeldRowsErased(Event):
    sentence: ClassVar[str] = "{reference}: what a legal hold had kept of an erased person is destroyed too."
    erasure: UUID
    reference: str
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class Purged(Event):
    sentence: ClassVar[str] = "{rows} rows of “{table}” were older than they may be kept, and were deleted."
    obligation: UUID
    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class CompanyClosing(Event):
    sentence: ClassVar[str] = "Two others approved that the company closes for good. Its doors are shut."
    proposal: UUID


@dataclass(frozen=True, slots=True)
class CompanyClosed(Event):
    """The certificate, in the platform's ledger."""

    sentence: ClassVar[str] = "The company “{schema}” was closed: its schema, role, address and files are gone."
    schema: str
    obligation: UUID
    export: UUID
    sha256: str
    rows: dict[str, int | None]
