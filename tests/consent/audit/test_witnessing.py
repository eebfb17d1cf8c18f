"""What a witness remembers is compared with what the ledger is: restored and rewritten ones are recognised."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from consent.audit.domain import notes
from consent.audit.domain.alarms import open_alarms, raise_alarm, resolve_alarm
from consent.audit.domain.keys import make_key, public_keys
from consent.audit.domain.witnesses import UnfitWitness, add_witness, remove_witness, witness_with, witnesses
from consent.audit.domain.witnessing import LedgerDiffers, UnfitNote, keep_cosignature, newest_checkpoint, present
from consent.audit.events import sentence_for
from consent.audit.models import Alarm, Cosignature, Entry
from consent.audit.offline import witness as tool
from tests.conftest import NOW
from tests.consent.audit.test_witness_tool import Ledger
from tests.consent.audit.witnessing import grow, note_of, restore, rewrite, sign, vkey


@pytest.fixture
def witness(officer, path):
    """A tool's, taken on; the ledger holds 4 sealed entries and more."""
    witness, token = add_witness(vkey(path), by=officer, at=NOW)
    witness.token = token
    grow()
    with tool.remembering(path) as state:
        tool.trust(state, str(public_keys()[0]))
    return witness


# ── A tool that comes by itself ─────────────────────────────────────────────────────────
def test_witness_signs_every_step(witness, path):
    first = sign(witness, path)
    grow()
    second = sign(witness, path)
    assert second.size == newest_checkpoint().size == first.size + 4
    assert first.line in Cosignature.objects.get(size=first.size).line
    assert not Alarm.objects.exists()


def test_same_checkpoint_signed_again_is_kept_once(witness, path):
    assert sign(witness, path) == sign(witness, path)


def test_restored_ledger_raises_one_alarm_and_says_so(witness, path, owner_connection):
    before = newest_checkpoint().size
    grow()
    sign(witness, path)
    there = newest_checkpoint().size
    restore(owner_connection, leaves=before)
    for _ in range(3):
        with pytest.raises(LedgerDiffers, match="does not lead on from it: it was restored or rewritten"):
            present(witness, note_of(path), at=NOW)
    alarm = Alarm.objects.get()
    assert (alarm.size_there, alarm.size_here, alarm.note) == (there, before, note_of(path))
    entry = Entry.objects.get(event="audit.restore_detected")
    assert "Reading about people stopped" in sentence_for(entry.event, entry.payload)


def test_restored_ledger_that_has_grown_past_the_witness_is_recognised(witness, path, owner_connection):
    before = newest_checkpoint().size
    grow()
    sign(witness, path)
    restore(owner_connection, leaves=before)
    grow(20)
    with pytest.raises(LedgerDiffers):
        present(witness, note_of(path), at=NOW)


def test_rewritten_ledger_is_recognised(witness, path, owner_connection):
    sign(witness, path)
    rewrite(owner_connection)
    with pytest.raises(LedgerDiffers):
        present(witness, note_of(path), at=NOW)


def test_ledger_whose_key_was_replaced_too_is_recognised(witness, path, owner_connection):
    sign(witness, path)
    name = public_keys()[0].name
    owner_connection.execute("DELETE FROM acme.audit_signingkey")
    make_key(at=NOW)
    owner_connection.execute("UPDATE acme.audit_signingkey SET name = %s", [name])
    owner_connection.execute("UPDATE acme.audit_leaf SET hash = sha256('another') WHERE index = 1")
    with pytest.raises(LedgerDiffers):
        present(witness, note_of(path), at=NOW)


def test_ledger_that_lost_its_newest_checkpoint_alone_is_recognised(witness, path, owner_connection):
    grow()
    size = sign(witness, path).size
    owner_connection.execute("DELETE FROM acme.audit_checkpoint WHERE size = %s", [size])
    with pytest.raises(LedgerDiffers):
        present(witness, note_of(path), at=NOW)


def test_emptied_ledger_is_recognised(witness, path, owner_connection):
    sign(witness, path)
    owner_connection.execute("TRUNCATE acme.audit_checkpoint, acme.audit_leaf, acme.audit_cosignature")
    with pytest.raises(LedgerDiffers):
        present(witness, note_of(path), at=NOW)


def test_memory_that_was_resolved_raises_no_second_alarm_but_a_new_one_does(witness, path, officer, owner_connection):
    before = newest_checkpoint().size
    grow()
    sign(witness, path)
    restore(owner_connection, leaves=before)
    with pytest.raises(LedgerDiffers):
        present(witness, note_of(path), at=NOW)
    resolve_alarm(Alarm.objects.get(), by=officer, reason="A disk failed.", at=NOW)
    with pytest.raises(LedgerDiffers, match="An officer has resolved this"):
        present(witness, note_of(path), at=NOW)
    assert not open_alarms().exists()
    tool.accept_restore(path, type("Options", (), {"log": ""}))
    grow()
    assert sign(witness, path).size == newest_checkpoint().size
    restore(owner_connection, leaves=before)
    with pytest.raises(LedgerDiffers, match="Reading about people is stopped"):
        present(witness, note_of(path), at=NOW)
    assert open_alarms().count() == 1


def test_witness_that_remembers_ever_more_raises_one_alarm_at_a_time(witness, officer):
    first, second = (
        raise_alarm(witness, note=f"It knows {size}.\n", remembers=f"It knows {size}.\n", size_there=size, at=NOW)
        for size in (100, 200)
    )
    assert first == second
    resolve_alarm(first, by=officer, reason="It lied.", at=NOW)
    third = raise_alarm(witness, note="It knows 300.\n", remembers="It knows 300.\n", size_there=300, at=NOW)
    assert third not in {first, second}


def test_checkpoint_of_another_ledger_is_refused(witness, path):
    stranger = Ledger()
    with pytest.raises(UnfitNote, match="no checkpoint of this ledger"):
        present(witness, stranger.request(0, 5).partition("\n\n")[2], at=NOW)
    with pytest.raises(UnfitNote, match="signed note"):
        present(witness, "nonsense", at=NOW)
    assert not Alarm.objects.exists()


def test_memory_that_only_a_stranger_signed_raises_no_alarm(witness):
    name, stranger = public_keys()[0].name, Ed25519PrivateKey.generate()
    text = notes.Checkpoint(name, 9_999, b"x" * 32).text()
    with pytest.raises(UnfitNote, match="no checkpoint of this ledger"):
        present(witness, text + "\n" + notes.sign(text, name, stranger), at=NOW)
    assert not Alarm.objects.exists()


def test_forged_memory_raises_no_alarm(witness, path):
    """Whoever holds the token alone cannot stop the company: the checkpoint must be signed."""
    sign(witness, path)
    lines = note_of(path).split("\n")
    lines[1] = "9999"
    with pytest.raises(UnfitNote):
        present(witness, "\n".join(lines), at=NOW)
    assert not Alarm.objects.exists()


def test_signature_by_another_key_or_under_another_size_is_not_kept(witness, path):
    with tool.remembering(path) as state:
        size, line = tool.cosign(state, present(witness, "", at=NOW), int(NOW.timestamp()))
    with pytest.raises(UnfitNote, match="no checkpoint of 999 entries"):
        keep_cosignature(witness, line, size=999, at=NOW)
    grow()
    with pytest.raises(UnfitNote, match="has not signed this checkpoint"):
        keep_cosignature(witness, line, size=newest_checkpoint().size, at=NOW)
    with pytest.raises(UnfitNote, match="no signature line"):
        keep_cosignature(witness, "nonsense\n", size=size, at=NOW)


def test_signature_from_the_future_is_not_kept(witness, path):
    with tool.remembering(path) as state:
        size, line = tool.cosign(state, present(witness, "", at=NOW), int(NOW.timestamp()) + 86_400)
    with pytest.raises(UnfitNote, match="Set the witness’s clock"):
        keep_cosignature(witness, line, size=size, at=NOW)


# ── Who may be a witness ────────────────────────────────────────────────────────────────
def test_witness_comes_and_goes_on_the_record(witness, officer, path):
    assert witness_with(witness.token) == witness
    remove_witness(witness, by=officer, at=NOW)
    remove_witness(witness, by=officer, at=NOW)
    assert witness_with(witness.token) is None
    said = [
        sentence_for(entry.event, entry.payload)
        for entry in Entry.objects.filter(event__startswith="audit.witness").order_by("pk")
    ]
    assert said == [
        f"witness.example/audit witnesses the ledger from now on, with the key {vkey(path)}.",
        "witness.example/audit no longer witnesses the ledger.",
    ]
    again, token = add_witness(vkey(path), by=officer, at=NOW)
    assert witness_with(token) == again != witness


def test_token_is_not_kept(witness):
    with connection.cursor() as cursor:
        cursor.execute("SELECT token_digest FROM audit_witness")
        assert witness.token.encode() not in bytes(cursor.fetchone()[0])


def test_unfit_keys_are_refused(witness, officer, path):
    ours = str(public_keys()[0])
    personal = tool.written_key("bob@acme.example", tool.COSIGNATURE, b"x" * 32)
    itself = tool.written_key("w.example", tool.COSIGNATURE, public_keys()[0].public)
    reasons = {}
    for unfit in ("", vkey(path)[:-4] + "AAAA", ours, personal, itself, vkey(path)):
        with pytest.raises(UnfitWitness) as refusal:
            add_witness(unfit, by=officer, at=NOW)
        reasons[unfit] = str(refusal.value)
    assert [reason.split(":")[0].split(".")[0] for reason in reasons.values()] == [
        "A key is written as name+id+base64",
        "This is no Ed25519 key, or a character of it is wrong",
        "This key signs logs",
        "A witness is named like an address, as in witness",
        "The ledger cannot witness itself",
        "This key witnesses the ledger already",
    ]


def test_list_costs_the_same_with_one_and_three(witness, officer, path, django_assert_num_queries):
    size = sign(witness, path).size
    with django_assert_num_queries(1):
        assert [w.last_size for w in witnesses()] == [size]
    for number in (1, 2):
        add_witness(tool.written_key(f"w{number}", tool.COSIGNATURE, b"%d" % number * 32), by=officer, at=NOW)
    with django_assert_num_queries(1):
        assert [w.last_size for w in witnesses()] == [size, None, None]
