"""Notes, against the examples of the specifications and against whatever may come in."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consent.audit.domain.notes import LOG, BadSignature, Checkpoint, Key, NotANote, read, sign, signers

# From golang.org/x/mod/sumdb/note, whose format c2sp.org/signed-note took over.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SAID = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_published_note_verifies_under_its_published_key():
    assert signers(PETER_SAID, [Key.read(PETER)]) == [Key.read(PETER)]
    assert str(Key.read(PETER)) == PETER


def test_published_note_with_another_letter_is_refused():
    with pytest.raises(BadSignature):
        signers(PETER_SAID.replace("problem is", "problem Is"), [Key.read(PETER)])


def test_signature_of_a_stranger_counts_for_nothing():
    stranger = Ed25519PrivateKey.generate()
    note = PETER_SAID + sign("something else\n", "PeterNeumann", stranger)
    assert signers(note, [Key.read(PETER)]) == [Key.read(PETER)]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.text("abc/.é", min_size=1))
def test_what_was_signed_verifies_and_nothing_else_does(text, name):
    private = Ed25519PrivateKey.generate()
    key = Key(name, private.public_key().public_bytes_raw(), LOG)
    note = f"{text}\n\n" + sign(f"{text}\n", name, private)
    assert signers(note, [key]) == [key]
    with pytest.raises(BadSignature):
        signers("x" + note, [key])


@pytest.mark.parametrize(
    "note", ["", "\n", "no signature\n", "text\n\nnot a line\n", "text\n\n— name AAAA\n", "a\x01\n\n— n AAAAAAAAAAAA\n"]
)
def test_what_is_no_note_is_refused(note):
    with pytest.raises(NotANote):
        read(note)


@pytest.mark.parametrize("vkey", ["", "name", "name+00000000+AAAA", PETER.replace("c74f", "c74e"), PETER[:-4] + "AAAA"])
def test_what_is_no_key_is_refused(vkey):
    with pytest.raises(NotANote):
        Key.read(vkey)


@pytest.mark.parametrize("text", ["", "a\nb\nc\n", "a\n-1\nAAAA\n", "a\n01\nAAAA\n", "a\n1\n?\n", "\n1\nAAAA\n"])
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(NotANote):
        Checkpoint.read(text)


def test_checkpoint_reads_what_it_wrote():
    checkpoint = Checkpoint("example.com/log", 12, b"r" * 32)
    assert Checkpoint.read(checkpoint.text()) == checkpoint
