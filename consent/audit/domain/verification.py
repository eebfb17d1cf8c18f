"""Reading the whole ledger against its tree: does every entry still say what was sealed, and is none missing?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from consent.audit.domain import keys, notes
from consent.audit.domain.sealing import canonical, instant
from consent.audit.domain.tree import Edge, leaf_hash
from consent.audit.models import Checkpoint, Entry, Leaf, Node, Verification

CHUNK = 2_000
# Sealed by now, were it not for somebody: below the floor no transaction was running any more.
FORGOTTEN = """
SELECT e.id FROM audit_entry e
WHERE e.xid < %s AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id) ORDER BY e.id LIMIT 1
"""


@dataclass(frozen=True)
class Finding:
    """The first place where the ledger is not what it was when it was sealed."""

    sentence: str


def _untold(done: int, total: int) -> None:
    """Nobody wants to know how far it is."""


def verify(*, at: datetime, progress: Callable[[int, int], None] = _untold) -> Verification:
    """Read all entries and compare them with leaves, nodes and every signed checkpoint; keep and return the outcome.

    :param progress: called with how many leaves were read, and how many there are
    """
    last = Checkpoint.objects.order_by("-size").first()
    size = last.size if last else 0
    finding = next(_findings(size, progress), None)
    return Verification.objects.create(at=at, size=size, finding=finding.sentence if finding else "")


def _findings(size: int, progress: Callable[[int, int], None]) -> Iterator[Finding]:
    yield from _unsigned()
    edge = Edge()
    checkpoints = Checkpoint.objects.filter(size__gt=0).order_by("size").values_list("size", "root").iterator(CHUNK)
    coming = next(checkpoints, None)
    for start in range(0, size, CHUNK):
        leaves, entries = _leaves(start, min(start + CHUNK, size))
        nodes = []
        for index in range(start, min(start + CHUNK, size)):
            yield from _misfits(index, leaves.get(index), entries)
            nodes += edge.append(bytes(leaves[index].hash))
            while coming and coming[0] == edge.size:
                if bytes(coming[1]) != edge.root():
                    yield Finding(f"The checkpoint of {edge.size:,} entries has another root than its leaves lead to.")
                coming = next(checkpoints, None)
        yield from _missing_nodes(nodes)
        progress(min(start + CHUNK, size), size)
    yield from _beyond(size)


def _misfits(index: int, leaf: Leaf | None, entries: dict[int, Entry]) -> Iterator[Finding]:
    if leaf is None:
        yield Finding(f"Leaf {index:,} of the tree is missing.")
    elif leaf.entry_id not in entries:
        yield Finding(f"Entry {leaf.entry_id} (leaf {index:,}) is missing.")
    elif leaf_hash(canonical(entries[leaf.entry_id])) != bytes(leaf.hash):
        when = instant(entries[leaf.entry_id].recorded_at)
        yield Finding(f"Entry {leaf.entry_id} (leaf {index:,}, recorded {when}) is not what was sealed.")


def _leaves(start: int, stop: int) -> tuple[dict[int, Leaf], dict[int, Entry]]:
    leaves = Leaf.objects.filter(index__gte=start, index__lt=stop).in_bulk(field_name="index")
    return leaves, Entry.objects.in_bulk([leaf.entry_id for leaf in leaves.values()])


def _missing_nodes(nodes: list[tuple[int, int, bytes]]) -> Iterator[Finding]:
    for level, index, hashed in nodes:
        kept = Node.objects.filter(level=level, index=index).values_list("hash", flat=True).first()
        if kept is None or bytes(kept) != hashed:
            yield Finding(f"Node {index:,} of level {level} is not what its leaves lead to.")


def _unsigned() -> Iterator[Finding]:
    """Checkpoints whose note says something else than their row, or that no key of this log has signed."""
    known = keys.public_keys()
    for checkpoint in Checkpoint.objects.order_by("size").iterator(CHUNK):
        try:
            signers = notes.signers(checkpoint.note, known)
            says = notes.Checkpoint.read(notes.read(checkpoint.note)[0])
        except ValueError as error:
            yield Finding(f"The checkpoint of {checkpoint.size:,} entries: {error}")
        else:
            if not signers or (says.size, says.root) != (checkpoint.size, bytes(checkpoint.root)):
                yield Finding(f"The checkpoint of {checkpoint.size:,} entries is not signed by this ledger’s key.")


def _beyond(size: int) -> Iterator[Finding]:
    """What stands outside of the signed tree: leaves that nothing signs, entries that nothing sealed."""
    if Leaf.objects.filter(index__gte=size).exists():
        yield Finding(f"There are leaves beyond the newest checkpoint, of {size:,} entries.")
    last = Checkpoint.objects.order_by("-size").first()
    with connection.cursor() as cursor:
        cursor.execute(FORGOTTEN, [last.floor_xid if last else 0])
        for (entry_id,) in cursor.fetchall():
            yield Finding(f"Entry {entry_id} was passed over: it has no leaf, though later ones have.")
