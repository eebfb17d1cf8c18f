"""Whoever changes the ledger behind its back is found, and the place is named. The tampering is the owner's: the app cannot."""

import pytest
from django.db import connection

from consent.audit.domain.sealing import canonical
from consent.audit.domain.tree import leaf_hash
from consent.audit.domain.verification import verify
from consent.audit.models import Checkpoint, Entry, Leaf
from tests.conftest import NOW
from tests.consent.audit.test_sealing import happen, seal_all


@pytest.fixture
def sealed(in_acme):
    for _ in range(3):
        happen(200)
        seal_all()


def finding() -> str:
    return verify(at=NOW).finding


def test_untouched_ledger_is_verified_whole(sealed):
    verification = verify(at=NOW)
    assert (verification.finding, verification.size) == ("", Leaf.objects.count())
    assert verification.is_sound


def test_empty_ledger_is_sound(in_acme):
    assert verify(at=NOW).is_sound


def test_progress_is_told_to_the_end(sealed):
    told = []
    verify(at=NOW, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (Leaf.objects.count(), Leaf.objects.count())


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE acme.audit_entry SET event = 'test.other' WHERE id = {entry}", "Entry {entry} (leaf 300, "),
        ("UPDATE acme.audit_entry SET at = at + interval '1 us' WHERE id = {entry}", "Entry {entry} (leaf 300, "),
        ("UPDATE acme.audit_entry SET payload = '{{\"a\": 1}}' WHERE id = {entry}", "Entry {entry} (leaf 300, "),
        ("DELETE FROM acme.audit_entry WHERE id = {entry}", "Entry {entry} (leaf 300) is missing."),
        ("DELETE FROM acme.audit_leaf WHERE index = 300", "Leaf 300 of the tree is missing."),
        (
            "UPDATE acme.audit_leaf SET hash = sha256('x') WHERE index = 300",
            "Entry {entry} (leaf 300, ",
        ),
        (
            "UPDATE acme.audit_node SET hash = sha256('x') WHERE level = 1 AND index = 1",
            "Node 1 of level 1 is not what its leaves lead to.",
        ),
        (
            "UPDATE acme.audit_checkpoint SET root = sha256('x') WHERE size = (SELECT max(size) FROM acme.audit_checkpoint)",
            "The checkpoint of 601 entries is not signed by this ledger’s key.",
        ),
        (
            "DELETE FROM acme.audit_checkpoint WHERE size = (SELECT max(size) FROM acme.audit_checkpoint)",
            "There are leaves beyond the newest checkpoint",
        ),
    ],
)
def test_tampering_is_found_and_its_place_named(sealed, owner_connection, tampering, found):
    entry = Leaf.objects.get(index=300).entry_id
    owner_connection.execute(tampering.format(entry=entry))
    assert finding().startswith(found.format(entry=entry))


def test_two_entries_that_changed_places_are_found(sealed, owner_connection):
    one, other = (Leaf.objects.get(index=index).entry_id for index in (299, 300))
    owner_connection.execute(f"UPDATE acme.audit_leaf SET entry_id = -1 WHERE entry_id = {one}")
    owner_connection.execute(f"UPDATE acme.audit_leaf SET entry_id = {one} WHERE entry_id = {other}")
    owner_connection.execute(f"UPDATE acme.audit_leaf SET entry_id = {other} WHERE entry_id = -1")
    assert finding().startswith(f"Entry {other} (leaf 299, ")


def test_entry_and_its_leaf_rewritten_together_no_longer_lead_to_the_signed_root(sealed, owner_connection):

    entry = Entry.objects.get(pk=Leaf.objects.get(index=300).entry_id)
    owner_connection.execute("UPDATE acme.audit_entry SET event = 'test.other' WHERE id = %s", [entry.id])
    entry.refresh_from_db()
    owner_connection.execute("UPDATE acme.audit_leaf SET hash = %s WHERE index = 300", [leaf_hash(canonical(entry))])
    assert finding() == "The checkpoint of 401 entries has another root than its leaves lead to."


def test_entry_slipped_in_below_the_floor_is_found(sealed, owner_connection):
    owner_connection.execute(
        "INSERT INTO acme.audit_entry (at, event, payload, xid) VALUES (now(), 'test.late', '{}', 3)"
    )
    assert "was passed over" in finding()


def test_truncated_ledger_is_found_although_its_tables_agree(sealed, owner_connection):
    """A ledger cut off together with its checkpoints is sound in itself: only a witness remembers more."""
    cut = Checkpoint.objects.order_by("size").values_list("size", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry_id FROM audit_leaf WHERE index >= %s", [cut])
        gone = [row[0] for row in cursor.fetchall()]
    owner_connection.execute("DELETE FROM acme.audit_entry WHERE id = ANY (%s)", [gone])
    assert "is missing" in finding()
    owner_connection.execute("DELETE FROM acme.audit_leaf WHERE index >= %s", [cut])
    owner_connection.execute("DELETE FROM acme.audit_checkpoint WHERE size > %s", [cut])
    owner_connection.execute("DELETE FROM acme.audit_node WHERE (index + 1) * 256 > %s", [cut])
    assert finding() == ""
