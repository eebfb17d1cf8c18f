"""What is owed to people before anybody is scored; switching scoring on by two others, and off by one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.db import connection, transaction

from accounts.errors import DomainError, Remedy
from accounts.models import Person
from accounts.states import Permission
from consent.audit.domain.recording import record
from consent.domain.approvals import propose
from consent.domain.matters import Evidence, Names
from consent.models import Proposal
from consent.states import ProposalKind
from scoring import events
from scoring.models import Preparedness, Switch
from scoring.states import Preparation

NOTICE_DAYS = 10  # working days, as New York City's Local Law 144 has them


@dataclass(frozen=True)
class GoLive:
    """That scoring begins, or begins again, a number of working days after everybody was told."""

    kind: ClassVar = ProposalKind.GO_LIVE
    proposed_with: ClassVar = Permission.SWITCH_OFF
    evidence: ClassVar[Evidence] = ("See what was prepared", "manage:live_prepared")
    notice_days: int
    reason: str

    def concerns(self) -> list[UUID]:
        return []

    def heading(self, names: Names) -> str:  # noqa: ARG002 - the signature of all matters
        return "Switch scoring on"

    def facts(self, names: Names) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("Working days since the notice, at least", str(self.notice_days)), ("Why", self.reason)]

    def before(self) -> Self | None:
        return None


def switch() -> Switch | None:
    """How it stands; None: it has never been on."""
    return Switch.objects.order_by("-pk").first()


def is_on() -> bool:
    now = switch()
    return now is not None and now.is_on


def prepared() -> dict[str, Preparedness]:
    """The newest of each kind."""
    rows = Preparedness.objects.order_by("kind", "-pk").distinct("kind")
    return {row.kind: row for row in rows}


def unprepared(notice_days: int = NOTICE_DAYS) -> list[str]:
    """Which preparations are still missing, or not yet old enough."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT scoring_unprepared(%s)", [notice_days])
        (missing,) = cursor.fetchone()
    return list(missing)


@transaction.atomic
def prepare(kind: Preparation, *, text: str, overseer: Person | None = None, by: Person, at: datetime) -> None:
    """Put on record what was done, for everybody to read."""
    Preparedness.objects.create(kind=kind, text=text, overseer=overseer.pk if overseer else None, recorded_by=by.pk)
    record(events.Prepared(kind.label), by=by, at=at)


def propose_going_live(*, notice_days: int, reason: str, by: Person, at: datetime) -> Proposal:
    """Ask two others to switch scoring on.

    :raises NotPrepared: something is still missing
    """
    if missing := unprepared(notice_days):
        names = ", ".join(Preparation(kind).label.lower() for kind in missing)
        raise NotPrepared(f"Not yet prepared, or not for long enough: {names}. See to it first.")
    return propose(GoLive(notice_days, reason), by=by, at=at)


@transaction.atomic
def switch_off(*, reason: str, by: Person, at: datetime) -> None:
    """Stop scoring at once. A run that is going on ends first; none begins after it."""
    if not is_on():
        raise AlreadyOff("Scoring is off already.")
    Switch.objects.create(is_on=False, reason=reason, switched_by=by.pk)
    record(events.SwitchedOff(), by=by, at=at)


class ScoringIsOff(DomainError):
    """Nobody is scored before the company has gone live, or while it is switched off."""

    remedy: ClassVar = Remedy(Permission.SWITCH_OFF, "manage:live", "See what it takes")


OFF = {"scoring_is_on": (ScoringIsOff, "Scoring is switched off here, so nobody is scored.")}


class NotPrepared(DomainError):
    """People are told, heard and protected first."""


class AlreadyOff(DomainError):
    """It can be switched off once."""
