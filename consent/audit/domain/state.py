"""How the ledger stands at this moment: what is sealed, what waits, and when it was last read through."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from consent.audit.models import Checkpoint, Verification

WAITING = """
SELECT count(*), min(recorded_at) FROM (
    SELECT e.recorded_at FROM audit_entry e
    WHERE e.xid >= %s AND e.id > %s AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id)
    ORDER BY e.xid, e.id LIMIT %s) waiting
"""

LATE = timedelta(minutes=1)
COUNTED = 1_000  # entries that wait are counted up to here: nobody needs it more exactly


@dataclass(frozen=True)
class LedgerState:
    """What an officer wants to know before trusting any page of it."""

    sealed: int
    sealed_at: datetime | None
    waiting: int
    waiting_since: datetime | None
    verification: Verification | None
    is_late: bool


def ledger_state(*, at: datetime) -> LedgerState:
    """Ask the current company's ledger. Entries wait a few seconds; minutes mean that the sealer does not run."""
    last = Checkpoint.objects.order_by("-size").first()
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [*((last.floor_xid, last.floor_id) if last else (0, 0)), COUNTED])
        waiting, since = cursor.fetchone()
    verification = Verification.objects.order_by("-id").first()
    return LedgerState(
        sealed=last.size if last else 0,
        sealed_at=last.sealed_at if last else None,
        waiting=waiting,
        waiting_since=since,
        verification=verification,
        is_late=bool(since and at > since + LATE),
    )
