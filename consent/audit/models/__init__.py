from consent.audit.models.entry import Entry, Opening
from consent.audit.models.tree import Checkpoint, Leaf, Node, SigningKey, Verification
from consent.audit.models.witness import Alarm, Cosignature, Witness

__all__ = [
    "Alarm",
    "Checkpoint",
    "Cosignature",
    "Entry",
    "Leaf",
    "Node",
    "Opening",
    "SigningKey",
    "Verification",
    "Witness",
]
