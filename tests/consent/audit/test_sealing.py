"""The sequencer: exactly once, in whatever order transactions end, and after whatever crash."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.tenants.context import in_schema
from consent.audit.domain import keys, notes
from consent.audit.domain.keys import WrongLedgerKey, make_key
from consent.audit.domain.proofs import proof_of
from consent.audit.domain.recording import record
from consent.audit.domain.sealing import canonical, seal
from consent.audit.domain.tree import leaf_hash, root_of
from consent.audit.events import RestoreResolved
from consent.audit.models import Checkpoint, Entry, Leaf, Opening
from tests.conftest import NOW

APPEND = "INSERT INTO audit_entry (at, event, payload) VALUES (now(), 'test.happened', '{}')"


def happen(times: int = 1) -> None:
    with connection.cursor() as cursor:
        for _ in range(times):
            cursor.execute(APPEND)


def seal_all() -> None:
    while seal(at=NOW):
        pass


def sealed_ids() -> list[int]:
    return list(Leaf.objects.order_by("index").values_list("entry_id", flat=True))


def test_every_entry_gets_one_leaf_and_the_checkpoint_its_root(in_acme):
    happen(3)
    seal_all()
    assert sorted(sealed_ids()) == sorted(Entry.objects.values_list("id", flat=True))
    last = Checkpoint.objects.latest("size")
    hashes = [leaf_hash(canonical(Entry.objects.get(pk=entry_id))) for entry_id in sealed_ids()]
    assert bytes(last.root) == root_of(hashes)
    assert notes.signers(last.note, keys.public_keys()) == keys.public_keys()


def test_nothing_new_makes_no_checkpoint(in_acme):
    happen()
    seal_all()
    before = Checkpoint.objects.count()
    assert seal(at=NOW) == 0
    assert Checkpoint.objects.count() == before


def test_small_batches_lead_to_the_same_tree(in_acme):
    happen(7)
    while seal(at=NOW, limit=2):
        pass
    assert len(sealed_ids()) == Entry.objects.count() == len(set(sealed_ids()))


def test_entry_of_a_transaction_that_ends_late_is_sealed_later(in_acme, app_links):
    slow = app_links("acme")
    slow.execute(APPEND)
    happen(2)
    seal_all()
    assert len(sealed_ids()) == 2 + 1  # and the key's own entry
    slow.commit()
    seal_all()
    assert sorted(sealed_ids()) == sorted(Entry.objects.values_list("id", flat=True))


def test_two_sequencers_at_once_seal_each_entry_once(in_acme):
    happen(400)

    def sequence(_):
        try:
            with in_schema("acme"):
                for _ in range(40):
                    seal(at=NOW, limit=10)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sequence, range(4)))
    seal_all()
    assert sorted(sealed_ids()) == sorted(Entry.objects.values_list("id", flat=True))
    assert [leaf.index for leaf in Leaf.objects.order_by("index")] == list(range(len(sealed_ids())))


def test_crash_in_the_middle_leaves_the_last_checkpoint(in_acme, settings):
    happen()
    seal_all()
    before = Checkpoint.objects.count(), sealed_ids()
    happen(5)
    right, settings.LEDGER_KEY = settings.LEDGER_KEY, "another"
    with pytest.raises(WrongLedgerKey, match="Set the one it was made under"):
        seal(at=NOW)
    assert (Checkpoint.objects.count(), sealed_ids()) == before
    settings.LEDGER_KEY = right
    seal_all()
    assert len(sealed_ids()) == Entry.objects.count()


def test_ledger_moved_to_a_cluster_whose_numbers_begin_anew_goes_on(in_acme, owner_connection):
    happen(3)
    seal_all()
    # As if this had come out of a dump: written by transactions whose numbers are still to come here.
    owner_connection.execute("UPDATE acme.audit_checkpoint SET cluster = 'elsewhere'")
    owner_connection.execute("UPDATE acme.audit_entry SET xid = xid + 1000000")
    unsealed = "INSERT INTO acme.audit_entry (at, event, payload, xid) VALUES (now(), 'test.old', '{}', 2000000000)"
    owner_connection.execute(unsealed)
    happen(2)
    seal_all()
    happen(2)
    seal_all()
    assert sorted(sealed_ids()) == sorted(Entry.objects.values_list("id", flat=True))
    assert Checkpoint.objects.latest("size").floor_id == Entry.objects.get(event="test.old").id


def test_new_key_signs_beside_the_old_one_until_the_overlap_ends(in_acme):
    seal_all_with_something()
    make_key(at=NOW)
    seal_all_with_something()
    old, new = keys.public_keys()
    assert notes.signers(Checkpoint.objects.latest("size").note, [old, new]) == [old, new]
    happen()
    seal(at=NOW + timedelta(days=31))
    assert notes.signers(Checkpoint.objects.latest("size").note, [old, new]) == [new]
    assert old.name == new.name


def seal_all_with_something() -> None:
    happen()
    seal_all()


def test_private_text_is_only_committed_to_and_can_be_erased(in_acme):
    with transaction.atomic():
        entry = record(RestoreResolved(alarm=1, witness="w", reason="the disk of Bob failed"), by=None, at=NOW)
    seal_all()
    opening = Opening.objects.get(entry_id=entry.id)
    assert "Bob" not in json.dumps(Entry.objects.get(pk=entry.pk).payload)
    assert str(opening) == "the disk of Bob failed"
    opening.delete()
    assert proof_of(entry) is not None


def test_proof_names_the_place_of_an_entry(in_acme):
    happen(5)
    seal_all()
    entry = Entry.objects.latest("id")
    proof = proof_of(entry)
    assert proof.text.startswith("c2sp.org/tlog-proof@v1\nextra ")
    assert f"\nindex {Leaf.objects.get(entry_id=entry.id).index}\n" in proof.text
    assert proof.text.endswith(Checkpoint.objects.latest("size").note)


def test_entry_that_waits_has_no_proof_yet(in_acme):
    happen()
    assert proof_of(Entry.objects.latest("id")) is None
