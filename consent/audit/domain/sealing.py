"""The sequencer: takes entries that are committed, gives them their place in the tree, and signs what it has become.

One at a time, in one transaction per batch: a crash leaves the last checkpoint, and the next run goes on from there.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from consent.audit.domain import keys, notes
from consent.audit.domain.tiles import Tiles
from consent.audit.domain.tree import Edge, leaf_hash
from consent.audit.models import Checkpoint, Entry, Leaf, SigningKey

BATCH = 5_000
TRIES, PAUSE = 20, 0.5  # seconds

# One sequencer a company: whoever comes second leaves at once.
LEAD = "SELECT pg_try_advisory_xact_lock(hashtextextended('the ledger of ' || current_schema, 0))"
HERE = """
SELECT s.system_identifier::text, pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint
FROM pg_control_system() s
"""
# Below the floor every entry is sealed: no transaction that could still add one there was running. Above it we look
# which committed ones have no leaf yet, so that one long transaction does not hold up all others.
UNSEALED = """
SELECT e.*
FROM audit_entry e
WHERE e.xid >= %(floor_xid)s AND e.id > %(floor_id)s
  AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id)
ORDER BY e.xid, e.id LIMIT %(limit)s
"""
CHECKPOINT = """
INSERT INTO audit_checkpoint (size, root, note, cluster, floor_xid, floor_id) VALUES (%s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class Here:
    """Where we stand: which cluster, and which of its transactions may still be going on."""

    cluster: str
    xmin: int
    xmax: int


@dataclass(frozen=True)
class Floor:
    """What is below is sealed: numbers of transactions count in their own cluster alone."""

    cluster: str
    xid: int
    id: int


@transaction.atomic
def seal(*, at: datetime, limit: int = BATCH) -> int:
    """Seal up to `limit` entries and sign a checkpoint; return how many. None when another does it just now.

    :raises WrongLedgerKey: the log's key cannot be opened; nothing is sealed
    """
    with connection.cursor() as cursor:
        cursor.execute(LEAD)
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(HERE)
        here = Here(*cursor.fetchone())
    last = Checkpoint.objects.order_by("-size").first()
    floor = _floor(last, here)
    entries = _unsealed(floor, limit)
    if entries:
        size = last.size if last else 0
        edge = Edge(size, Tiles(size).edge())
        _plant(entries, edge)
        _sign(edge, _floor_above(entries, floor, here, is_full=len(entries) == limit), _keys(at))
    return len(entries)


def seal_now(entries: QuerySet[Entry], *, at: datetime) -> None:
    """Seal all there is, so that these entries are in the tree; wait for the sealer where it is just at it.

    :raises NotSealedYet: some are still not, after ten seconds
    """
    waits = ~Exists(Leaf.objects.filter(entry_id=OuterRef("pk")))
    for _ in range(TRIES):
        while seal(at=at):
            pass
        if not entries.filter(waits).exists():
            return
        time.sleep(PAUSE)
    raise NotSealedYet("Some entries could not be sealed in time. Look whether the sealer runs, then try again.")


def canonical(entry: Entry) -> bytes:
    """Write an entry as its leaf holds it: the same entry is always the same bytes (RFC 8785)."""
    return rfc8785.dumps(as_recorded(entry))


def as_recorded(entry: Entry) -> dict[str, Any]:
    """An entry as plain JSON: people by opaque id, instants in UTC with microseconds."""
    return {
        "id": entry.id,
        "at": instant(entry.at),
        "recorded_at": instant(entry.recorded_at),
        "event": entry.event,
        "by": str(entry.by) if entry.by else None,
        "about": str(entry.about) if entry.about else None,
        "payload": entry.payload,
    }


def instant(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _floor(last: Checkpoint | None, here: Here) -> Floor:
    """Where to look from. After a move to another cluster, whose numbers begin anew, from the very beginning."""
    if last is None or last.cluster != here.cluster:
        return Floor(here.cluster, 0, 0)
    return Floor(here.cluster, last.floor_xid, last.floor_id)


def _floor_above(entries: list[Entry], floor: Floor, here: Here, *, is_full: bool) -> Floor:
    if is_full:
        return Floor(here.cluster, min(here.xmin, entries[-1].xid), floor.id)
    # Entries from another cluster may carry numbers that are still to come in this one: their ids leave them below.
    strangers = Entry.objects.filter(xid__gte=here.xmax, id__gt=floor.id).aggregate(last=Max("id"))["last"]
    return Floor(here.cluster, here.xmin, strangers or floor.id)


def _unsealed(floor: Floor, limit: int) -> list[Entry]:
    return list(Entry.objects.raw(UNSEALED, {"floor_xid": floor.xid, "floor_id": floor.id, "limit": limit}))


def _plant(entries: list[Entry], edge: Edge) -> None:
    """Give each entry its leaf, and keep every node that a leaf completes."""
    leaves, nodes = [], []
    for entry in entries:
        hashed = leaf_hash(canonical(entry))
        leaves.append((edge.size, entry.id, hashed))
        nodes += edge.append(hashed)
    _copy("COPY audit_leaf (index, entry_id, hash) FROM STDIN (FORMAT BINARY)", ("int8", "int8", "bytea"), leaves)
    _copy("COPY audit_node (level, index, hash) FROM STDIN (FORMAT BINARY)", ("int2", "int8", "bytea"), nodes)


def _copy(statement: str, types: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _keys(at: datetime) -> list[SigningKey]:
    return keys.signing_keys(at=at) or [keys.make_key(at=at)]


def _sign(edge: Edge, floor: Floor, signing: list[SigningKey]) -> None:
    root = edge.root()
    text = notes.Checkpoint(signing[-1].name, edge.size, root).text()
    with connection.cursor() as cursor:
        cursor.execute(CHECKPOINT, [edge.size, root, keys.sign(text, signing), floor.cluster, floor.xid, floor.id])


class NotSealedYet(RuntimeError):
    """Entries were to be proven that are not in the tree."""
