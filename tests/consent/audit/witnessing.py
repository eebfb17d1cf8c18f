"""Steps of tests about witnesses: a ledger that grows, is signed, restored and rewritten."""

from consent.audit.domain.witnessing import keep_cosignature, present
from consent.audit.models import Leaf
from consent.audit.offline import witness as tool
from tests.conftest import NOW
from tests.consent.audit.test_sealing import happen, seal_all


def vkey(path):
    with tool.remembering(path) as state:
        return tool.vkey_of(state)


def grow(times=4):
    happen(times)
    seal_all()


def note_of(path):
    with tool.remembering(path) as state:
        [log] = state["logs"].values()
        return log["note"]


def sign(witness, path):
    """What `watch` does, without the network."""
    body = present(witness, note_of(path), at=NOW)
    with tool.remembering(path) as state:
        size, line = tool.cosign(state, body, int(NOW.timestamp()))
    return keep_cosignature(witness, line, size=size, at=NOW)


def restore(owner_connection, *, leaves: int):
    """Take the ledger back to when it held so many, as a backup of then would."""
    gone = list(Leaf.objects.filter(index__gte=leaves).values_list("entry_id", flat=True))
    owner_connection.execute("DELETE FROM acme.audit_entry WHERE id = ANY (%s)", [gone])
    owner_connection.execute("DELETE FROM acme.audit_leaf WHERE index >= %s", [leaves])
    owner_connection.execute("DELETE FROM acme.audit_checkpoint WHERE size > %s", [leaves])
    owner_connection.execute("DELETE FROM acme.audit_cosignature WHERE size > %s", [leaves])


def rewrite(owner_connection):
    """Put another leaf in the place of the second, and go on as if nothing had been."""
    owner_connection.execute("UPDATE acme.audit_leaf SET hash = sha256('another') WHERE index = 1")
    grow(1)
