"""The alarm that a witness remembers what this ledger does not hold: raised once, ended on the record."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from consent.audit.domain.recording import Actor, record
from consent.audit.errors import LedgerError
from consent.audit.events import RestoreDetected, RestoreResolved
from consent.audit.models import Alarm, Checkpoint, Witness


def open_alarms() -> QuerySet[Alarm]:
    """Those that keep the gate closed, oldest first."""
    return Alarm.objects.filter(resolved_at=None).select_related("witness").order_by("pk")


@transaction.atomic
def raise_alarm(witness: Witness, *, note: str, remembers: str, size_there: int, at: datetime) -> Alarm:
    """Close the gate, because a witness remembers something else. One alarm of a witness stands at a time, and what it
    remembers raises one alarm only.

    :param note: what the witness showed, word for word: the evidence
    :param remembers: how `note` begins, as long as it says the same: signatures under it may be newer
    """
    Witness.objects.select_for_update(no_key=True).get(pk=witness.pk)
    known = witness.alarms.filter(Q(resolved_at=None) | Q(note__startswith=remembers)).order_by("pk").last()
    if known:
        return known
    last = Checkpoint.objects.order_by("-size").first()
    alarm = Alarm.objects.create(
        witness=witness, note=note, size_there=size_there, size_here=last.size if last else 0, raised_at=at
    )
    record(RestoreDetected(alarm.pk, witness.name, size_there, alarm.size_here), by=None, at=at)
    return alarm


@transaction.atomic
def resolve_alarm(alarm: Alarm, *, by: Actor, reason: str, at: datetime) -> None:
    """Open the gate again. The entry commits to the reason; PostgreSQL refuses whoever is no officer, or leaves none.

    :raises AlreadyResolved: somebody was faster
    """
    record(RestoreResolved(alarm.pk, alarm.witness.name, reason), by=by, at=at)
    if not Alarm.objects.filter(pk=alarm.pk, resolved_at=None).update(resolved_at=at, resolved_by=by.id):
        raise AlreadyResolved("This alarm is resolved already. The ledger says by whom.")


class AlreadyResolved(LedgerError):
    """An alarm ends once."""
