"""The tool by itself: against the specification's examples, and against a ledger that behaves and one that does not."""

import json
import os
import stat
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consent.audit.domain import notes, tree
from consent.audit.offline import witness as tool

# c2sp.org/tlog-witness, "Example request body".
EXAMPLE = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""
ORIGIN = "ledger.example/acme"
WITNESS = "witness.example/audit"
AT = 1_795_000_000
LEAVES = [tree.leaf_hash(str(number).encode()) for number in range(600)]


class Ledger:
    """A log in memory, with the product's own tree and signatures."""

    def __init__(self, leaves=LEAVES, private=None):
        self.private = private or Ed25519PrivateKey.generate()
        self.leaves = leaves
        self.vkey = str(notes.Key(ORIGIN, self.private.public_key().public_bytes_raw()))

    def tile(self, level, number):
        hashes = self.leaves
        for _ in range(level):
            hashes = [tree.root_of(hashes[i : i + 256]) for i in range(0, len(hashes) - 255, 256)]
        return hashes[number * 256 : (number + 1) * 256]

    def request(self, old, size, proof=None):
        if proof is None:
            proof = tree.consistency_proof(self.tile, old, size)
        text = notes.Checkpoint(ORIGIN, size, tree.root(self.tile, 0, size)).text()
        lines = [f"old {old}", *(b64encode(hashed).decode() for hashed in proof)]
        return "\n".join(lines) + "\n\n" + text + "\n" + notes.sign(text, ORIGIN, self.private)


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def state(ledger):
    private = Ed25519PrivateKey.generate().private_bytes_raw()
    state = {"name": WITNESS, "private": b64encode(private).decode(), "logs": {}}
    tool.trust(state, ledger.vkey)
    return state


def status_of(state, body):
    before = json.dumps(state)
    with pytest.raises(tool.Refused) as refusal:
        tool.cosign(state, body, AT)
    assert json.dumps(state) == before
    return refusal.value.status


def test_example_of_the_specification_is_read():
    old, proof, note = tool.read_request(EXAMPLE)
    assert (old, len(proof)) == (20852014, 4)
    text, signatures = tool.read_note(note)
    assert [name for name, _, _ in signatures] == ["example.com/behind-the-sofa"] * 2
    assert tool.read_checkpoint(text)[:2] == ("example.com/behind-the-sofa", 20852163)
    assert text == notes.read(note)[0]


def test_example_of_an_unknown_ledger_is_answered_404(state):
    assert status_of(state, EXAMPLE) == 404


def test_example_signed_by_a_key_that_is_not_trusted_is_answered_403(state):
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    tool.trust(state, str(notes.Key("example.com/behind-the-sofa", stranger)))
    assert status_of(state, EXAMPLE) == 403


def test_cosignature_is_one_that_the_product_verifies(state, ledger):
    body = ledger.request(0, 7)
    size, line = tool.cosign(state, body, AT)
    text = notes.read(body.partition("\n\n")[2])[0]
    key = notes.Key.read(tool.vkey_of(state))
    assert (size, key.kind) == (7, notes.WITNESS)
    assert notes.signers(f"{text}\n{line}", [key]) == [key]
    assert int.from_bytes(b64decode(line.split()[2])[4:12], "big") == AT


@given(st.data())
def test_every_step_of_a_growing_ledger_is_signed(data):
    sizes = sorted(data.draw(st.sets(st.integers(0, 600), min_size=2, max_size=6)))
    ledger = Ledger()
    state = {
        "name": WITNESS,
        "private": b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode(),
        "logs": {},
    }
    tool.trust(state, ledger.vkey)
    old = 0
    for size in sizes:
        assert tool.cosign(state, ledger.request(old, size), AT)[0] == size
        old = size
    assert tool.remembered(state["logs"][ORIGIN]) == (sizes[-1], tree.root(ledger.tile, 0, sizes[-1]))


@given(st.data())
def test_no_step_of_a_rewritten_ledger_is_signed(data):
    old = data.draw(st.integers(1, 599))
    size = data.draw(st.integers(old + 1, 600))
    changed = data.draw(st.integers(0, old - 1))
    ledger = Ledger()
    forked = Ledger([*LEAVES[:changed], tree.leaf_hash(b"rewritten"), *LEAVES[changed + 1 :]], ledger.private)
    state = {
        "name": WITNESS,
        "private": b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode(),
        "logs": {},
    }
    tool.trust(state, ledger.vkey)
    tool.cosign(state, ledger.request(0, old), AT)
    assert status_of(state, forked.request(old, size)) == 422
    assert status_of(state, forked.request(old, size, tree.consistency_proof(ledger.tile, old, size))) == 422


def test_each_fault_has_the_status_of_the_specification(state, ledger):
    tool.cosign(state, ledger.request(0, 100), AT)
    forked = Ledger([tree.leaf_hash(b"x"), *LEAVES[1:]], ledger.private)
    proof = tree.consistency_proof(ledger.tile, 100, 200)
    assert {
        "no request": status_of(state, "nonsense"),
        "leading zero": status_of(state, ledger.request(100, 200).replace("old 100", "old 0100")),
        "no newline at the end": status_of(state, ledger.request(100, 200)[:-1]),
        "64 lines of proof": status_of(state, ledger.request(100, 200, [b"0" * 32] * 64)),
        "short hash": status_of(state, ledger.request(100, 200, [b"0" * 31])),
        "old beyond the checkpoint": status_of(state, ledger.request(100, 100).replace("old 100", "old 101")),
        "behind": status_of(state, ledger.request(0, 200)),
        "ahead": status_of(state, ledger.request(150, 200)),
        "smaller checkpoint": status_of(state, ledger.request(50, 50)),
        "same size, other root": status_of(state, forked.request(100, 100)),
        "stranger's signature": status_of(state, Ledger().request(100, 200)),
        "proof cut short": status_of(state, ledger.request(100, 200, proof[:-1])),
        "proof too long": status_of(state, ledger.request(100, 200, [*proof, b"0" * 32])),
        "proof where none is due": status_of(state, ledger.request(100, 100, [b"0" * 32])),
    } == {
        "no request": 400,
        "leading zero": 400,
        "no newline at the end": 400,
        "64 lines of proof": 400,
        "short hash": 400,
        "old beyond the checkpoint": 400,
        "behind": 409,
        "ahead": 409,
        "smaller checkpoint": 409,
        "same size, other root": 409,
        "stranger's signature": 403,
        "proof cut short": 422,
        "proof too long": 422,
        "proof where none is due": 422,
    }


def test_conflict_names_the_size_that_is_known(state, ledger):
    tool.cosign(state, ledger.request(0, 100), AT)
    with pytest.raises(tool.Refused) as refusal:
        tool.cosign(state, ledger.request(0, 200), AT)
    assert (refusal.value.text, refusal.value.kind) == ("100\n", "text/x.tlog.size")


def test_same_checkpoint_is_signed_again_with_a_newer_time(state, ledger):
    tool.cosign(state, ledger.request(0, 100), AT)
    assert tool.cosign(state, ledger.request(100, 100), AT + 60)[0] == 100


def test_what_is_remembered_is_a_note_that_ledger_and_witness_signed(state, ledger):
    tool.cosign(state, ledger.request(0, 100), AT)
    keys = [notes.Key.read(ledger.vkey), notes.Key.read(tool.vkey_of(state))]
    assert notes.signers(state["logs"][ORIGIN]["note"], keys) == keys


def test_ledger_that_signs_with_a_new_key_too_is_told_of(state, ledger):
    body = ledger.request(0, 100)
    assert tool.unknown_keys(state, body) == ""
    text = notes.read(body.partition("\n\n")[2])[0]
    new = Ed25519PrivateKey.generate()
    assert "witness.py trust" in tool.unknown_keys(state, body + notes.sign(text, ORIGIN, new))


def make_file(tmp_path, ledger):
    path = tmp_path / "witness.json"
    tool.init(path, type("Options", (), {"name": WITNESS}))
    with tool.remembering(path) as state:
        tool.trust(state, ledger.vkey)
    return path


def test_file_is_its_owner_s_alone(tmp_path, ledger):
    path = make_file(tmp_path, ledger)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_file_that_exists_is_not_made_anew(tmp_path, ledger):
    path = make_file(tmp_path, ledger)
    with pytest.raises(tool.CannotWork, match="exists already"):
        tool.init(path, type("Options", (), {"name": WITNESS}))


@pytest.mark.parametrize("name", ["", "bob@example.com", "two words", "a+b", "-x"])
def test_name_that_could_not_stand_in_a_note_is_refused(tmp_path, name):
    with pytest.raises(tool.CannotWork, match="Name it like an address"):
        tool.init(tmp_path / "witness.json", type("Options", (), {"name": name}))


def test_what_fails_inside_is_not_remembered(tmp_path, ledger):
    path = make_file(tmp_path, ledger)
    before = path.read_text()
    with pytest.raises(ZeroDivisionError), tool.remembering(path) as state:
        tool.cosign(state, ledger.request(0, 5), AT)
        raise ZeroDivisionError
    assert path.read_text() == before


def test_of_requests_at_once_none_takes_the_tree_back(tmp_path, ledger):
    """The race of the specification: a smaller checkpoint signed after a larger one."""
    path = make_file(tmp_path, ledger)

    def ask(size):
        try:
            with tool.remembering(path) as state:
                known, _ = tool.remembered(state["logs"][ORIGIN])
                return tool.cosign(state, ledger.request(min(known, size), size), AT)[0]
        except tool.Refused as refusal:
            return refusal.status

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(40, 0, -1)))
    with tool.remembering(path) as state:
        assert tool.remembered(state["logs"][ORIGIN])[0] == 40
    assert answers[0] == 40 or 409 in answers


def test_restore_is_accepted_and_what_was_known_is_kept(tmp_path, ledger):
    path = make_file(tmp_path, ledger)
    with tool.remembering(path) as state:
        tool.cosign(state, ledger.request(0, 100), AT)
        note = state["logs"][ORIGIN]["note"]
    tool.accept_restore(path, type("Options", (), {"log": ""}))
    [evidence] = tmp_path.glob("evidence-*.txt")
    assert evidence.read_text(encoding="utf-8") == note
    with tool.remembering(path) as state:
        assert tool.cosign(state, ledger.request(0, 50), AT)[0] == 50


@pytest.mark.parametrize("url", ["http://ledger.example/ledger", "ftp://localhost/", "https:", "file:///etc/passwd"])
def test_token_is_not_sent_over_an_open_line(url):
    with pytest.raises(tool.CannotWork):
        tool.post(url, "secret", "")


def test_tool_is_one_file_of_the_standard_library_and_cryptography():
    imported = {
        line.split()[1].partition(".")[0]
        for line in Path(tool.__file__).read_text(encoding="utf-8").splitlines()
        if line.lstrip().startswith(("import ", "from "))
    }
    assert not imported & {"django", "consent", "accounts", "rfc8785", "requests"}
    assert os.access(tool.__file__, os.X_OK)
