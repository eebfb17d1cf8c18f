"""What the ledger shows of itself: where an entry stands, and the proof that it stands there."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from consent.audit.domain import tree
from consent.audit.domain.sealing import canonical
from consent.audit.domain.tiles import Tiles
from consent.audit.models import Checkpoint, Cosignature, Entry, Leaf


@dataclass(frozen=True)
class Proof:
    """The place of one entry in the tree of a signed checkpoint."""

    index: int
    size: int
    sealed_at: datetime
    hashes: list[bytes]
    leaf: bytes
    note: str

    @property
    def text(self) -> str:
        """The proof as a file (c2sp.org/tlog-proof); its extra data is the entry itself."""
        lines = [
            "c2sp.org/tlog-proof@v1",
            f"extra {b64encode(self.leaf).decode()}",
            f"index {self.index}",
            *(b64encode(hashed).decode() for hashed in self.hashes),
        ]
        return "\n".join(lines) + "\n\n" + self.note


def proof_of(entry: Entry) -> Proof | None:
    """Prove that the entry is in the ledger, against the newest checkpoint; None while it waits to be sealed."""
    leaf = Leaf.objects.filter(entry_id=entry.id).first()
    checkpoint = Checkpoint.objects.order_by("-size").first()
    if leaf is None or checkpoint is None:
        return None
    hashes = tree.inclusion_proof(Tiles(checkpoint.size), leaf.index, checkpoint.size)
    return Proof(
        leaf.index, checkpoint.size, checkpoint.sealed_at, hashes, canonical(entry), with_cosignatures(checkpoint)
    )


def newest_note() -> str:
    """The newest checkpoint as a signed note; empty while nothing is sealed."""
    checkpoint = Checkpoint.objects.order_by("-size").first()
    return with_cosignatures(checkpoint) if checkpoint else ""


def with_cosignatures(checkpoint: Checkpoint) -> str:
    """The checkpoint's note, countersigned by all who did."""
    lines = Cosignature.objects.filter(size=checkpoint.size).order_by("id").values_list("line", flat=True)
    return checkpoint.note + "".join(lines)
