"""An export proves itself offline, to a program that knows nothing of Assent; and whatever is done to it is named."""

import hashlib
import io
import json
import random
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest

from consent.audit.domain import keys
from consent.audit.domain.bundles import NothingSealed, write_bundle
from consent.audit.domain.keys import public_keys
from consent.audit.domain.proofs import proof_of
from consent.audit.models import Checkpoint, Entry, Leaf, SigningKey
from consent.audit.offline import verify
from tests.conftest import NOW
from tests.consent.audit.test_sealing import happen, seal_all

VERIFIER = Path(verify.__file__)


@pytest.fixture
def sealed(in_acme):
    happen(300)
    seal_all()
    happen(300)
    seal_all()


@pytest.fixture
def bundle(sealed, tmp_path) -> Path:
    return export(tmp_path / "bundle.zip", Entry.objects.all())


def export(path: Path, entries, query: str = "") -> Path:
    with path.open("wb") as file:
        write_bundle(entries, file, query=query, at=NOW)
    return path


def verdict(capsys, *arguments) -> tuple[int, str]:
    code = verify.main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out + said.err


def vkey() -> str:
    return str(public_keys()[0])


def changed(path: Path, name: str, change) -> Path:
    """The same zip with one file changed; None leaves it out. Whoever forges does not sign."""
    forged = path.with_name("forged.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(forged, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            content = change(content) if member.filename == name else content
            if content is not None:
                new.writestr(member, content)
    return forged


def test_whole_ledger_is_verified_and_nothing_is_missing(bundle, capsys):
    code, said = verdict(capsys, bundle, "--key", vkey())
    assert code == 0
    assert "601 entries verified" in said
    assert "They are all there are" in said


def test_verifier_runs_by_itself_without_assent(bundle, tmp_path):
    alone = tmp_path / "elsewhere" / "verify.py"
    alone.parent.mkdir()
    alone.write_bytes(VERIFIER.read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", str(alone), str(bundle), "--key", vkey()],
        capture_output=True, text=True, check=False, cwd=alone.parent,
    )  # fmt: skip
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Verified.")


def test_part_of_the_ledger_is_verified_and_says_what_it_is(sealed, tmp_path, capsys):
    some = Entry.objects.filter(pk__in=Leaf.objects.filter(index__in=[3, 299, 300, 555]).values("entry_id"))
    code, said = verdict(capsys, export(tmp_path / "some.zip", some, "event:test"), "--key", vkey())
    assert code == 0
    assert "4 entries verified" in said
    assert "the export says it found for: event:test" in said


def test_export_of_nothing_is_verified_too(sealed, tmp_path, capsys):
    code, said = verdict(capsys, export(tmp_path / "none.zip", Entry.objects.none()), "--key", vkey())
    assert code == 0
    assert "0 entries verified" in said


def test_entries_that_are_not_sealed_yet_stay_out(sealed, tmp_path, capsys):
    happen(5)
    code, said = verdict(capsys, export(tmp_path / "bundle.zip", Entry.objects.all()), "--key", vkey())
    assert (code, "601 entries verified" in said) == (0, True)


def test_ledger_without_checkpoint_is_refused(in_acme):
    happen()
    with pytest.raises(NothingSealed):
        write_bundle(Entry.objects.all(), io.BytesIO(), query="", at=NOW)


# ── Tampering: the place is named ───────────────────────────────────────────────────────
def lines(change):
    return lambda content: b"".join(change(content.splitlines(keepends=True)))


@pytest.mark.parametrize(
    ("name", "change", "place"),
    [
        ("entries.tsv", lambda c: c.replace(b'"id":301,', b'"id":999,'), "is not what was sealed"),
        ("entries.tsv", lines(lambda rows: rows[:42] + rows[43:]), "Line 43 of entries.tsv should be entry 42"),
        ("entries.tsv", lines(lambda rows: [*rows[:10], rows[11], rows[10], *rows[12:]]), "Line 11 of entries.tsv should be entry 10"),
        ("entries.tsv", lines(lambda rows: rows[:-1]), "ends after line 600: entry 600"),
        ("entries.tsv", lines(lambda rows: [*rows, rows[-1]]), "Line 602 of entries.tsv is one too many"),
        ("entries.tsv", lines(lambda rows: [*rows[:7], rows[6], *rows[7:]]), "Line 8 of entries.tsv should be entry 7"),
        ("entries.tsv", lambda c: c[:-1], "entries.tsv is not the file"),
        ("entries.tsv", lambda _: None, "entries.tsv is missing"),
        ("indexes.txt", lambda _: b"0-599\n", "indexes.txt is not the file"),
        ("tile/0/001", lambda c: bytes([c[0] ^ 1]) + c[1:], "tile/0/001 is not the file"),
        ("tile/1/000.p/2", lambda c: c[32:] + c[:32], "tile/1/000.p/2 is not the file"),
        ("tile/0/001", lambda _: None, "tile/0/001 is missing"),
        ("checkpoint", lambda c: c.replace(b"601", b"602", 1), "checkpoint is not the file"),
        ("manifest", lambda c: c.replace(b'"entries":601', b'"entries":600'), "under The manifest does not fit"),
        ("manifest", lambda _: None, "manifest is missing"),
    ],
)  # fmt: skip
def test_whatever_is_done_to_a_bundle_is_named(bundle, capsys, name, change, place):
    code, said = verdict(capsys, changed(bundle, name, change), "--key", vkey())
    assert (code, place in said) == (1, True), said


def test_file_that_was_slipped_in_is_named(bundle, capsys):
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr("more.txt", "x")
    code, said = verdict(capsys, bundle, "--key", vkey())
    assert (code, "more.txt does not belong" in said) == (1, True)


@pytest.mark.parametrize(
    "name", ["entries.tsv", "indexes.txt", "tile/0/000", "tile/0/002.p/89", "checkpoint", "manifest", "README.txt"]
)
def test_any_flipped_byte_of_any_file_is_found(bundle, capsys, name):
    for seed in range(25):
        dice = random.Random(seed)

        def flip(content, dice=dice):
            place = dice.randrange(len(content))
            return content[:place] + bytes([content[place] ^ 1 << dice.randrange(8)]) + content[place + 1 :]

        code, said = verdict(capsys, changed(bundle, name, flip), "--key", vkey())
        assert code == 1, said
        assert "Traceback" not in said


def test_any_flipped_byte_of_the_zip_is_found_or_changes_nothing(bundle, capsys):
    whole = bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for seed in range(150):
        dice = random.Random(seed)
        place = dice.randrange(len(whole))
        flipped = bundle.with_name("flipped.zip")
        flipped.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << dice.randrange(8)]) + whole[place + 1 :])
        code, said = verdict(capsys, flipped, "--key", vkey())
        assert "Traceback" not in said
        if code == 0:  # a byte that says nothing, such as a file's date
            with zipfile.ZipFile(flipped) as archive:
                assert {name: archive.read(name) for name in archive.namelist()} == content


def test_bundle_of_a_forger_s_own_key_is_refused(bundle, capsys, owner_connection, tmp_path):
    right = vkey()
    owner_connection.execute("TRUNCATE acme.audit_signingkey, acme.audit_checkpoint, acme.audit_leaf, acme.audit_node")
    seal_all()
    code, said = verdict(capsys, export(tmp_path / "forged.zip", Entry.objects.all()), "--key", right)
    assert (code, "is not signed by" in said) == (1, True)


def test_without_a_key_the_bundle_s_own_is_shown_for_comparison(bundle, capsys):
    code, said = verdict(capsys, bundle)
    assert (code, vkey() in said, "compare it" in said, "NOT PROVEN" in said) == (3, True, True, True)


# ── Earlier checkpoints ─────────────────────────────────────────────────────────────────
def test_ledger_continues_an_earlier_checkpoint(bundle, capsys, tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text(Checkpoint.objects.earliest("size").note)
    code, said = verdict(capsys, bundle, "--key", vkey(), "--earlier", kept)
    assert (code, "the ledger of 300 entries is the beginning of this one" in said) == (0, True)


def test_rewritten_past_is_found_by_a_kept_checkpoint(bundle, capsys, tmp_path, owner_connection):
    kept = tmp_path / "kept.txt"
    kept.write_text(Checkpoint.objects.earliest("size").note)
    owner_connection.execute("UPDATE acme.audit_entry SET event = 'test.other' WHERE id = 5")
    owner_connection.execute("TRUNCATE acme.audit_checkpoint, acme.audit_leaf, acme.audit_node")
    seal_all()
    code, said = verdict(capsys, export(tmp_path / "new.zip", Entry.objects.all()), "--key", vkey(), "--earlier", kept)
    assert (code, "the past was rewritten" in said) == (1, True)


def test_ledger_cut_off_is_found_by_a_kept_checkpoint(sealed, capsys, tmp_path, owner_connection):
    kept = tmp_path / "kept.txt"
    kept.write_text(Checkpoint.objects.latest("size").note)
    owner_connection.execute("DELETE FROM acme.audit_entry WHERE id > 300")
    owner_connection.execute("TRUNCATE acme.audit_checkpoint, acme.audit_leaf, acme.audit_node")
    seal_all()
    code, said = verdict(capsys, export(tmp_path / "new.zip", Entry.objects.all()), "--key", vkey(), "--earlier", kept)
    assert (code, "or the ledger was cut off" in said) == (1, True)


# ── One entry ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("index", [0, 1, 255, 256, 511, 599, 600])
def test_proof_of_one_entry_is_verified(sealed, capsys, tmp_path, index):
    file = tmp_path / "entry.tlog-proof"
    entry = Entry.objects.get(pk=Leaf.objects.get(index=index).entry_id)
    file.write_text(proof_of(entry).text)
    code, said = verdict(capsys, file, "--key", vkey())
    assert (code, f"This is entry {index} of 601" in said) == (0, True), said


def test_proof_of_another_place_is_refused(sealed, capsys, tmp_path):
    file = tmp_path / "entry.tlog-proof"
    proof = proof_of(Entry.objects.get(pk=Leaf.objects.get(index=300).entry_id)).text
    file.write_text(proof.replace("\nindex 300\n", "\nindex 301\n"))
    code, said = verdict(capsys, file, "--key", vkey())
    assert (code, "do not lead from entry 301" in said) == (1, True)


@pytest.mark.parametrize("content", ["", "nonsense", "c2sp.org/tlog-proof@v1\nindex 1\n\nx\n"])
def test_what_is_no_proof_gets_a_sentence(db, capsys, tmp_path, content):
    file = tmp_path / "entry.tlog-proof"
    file.write_text(content)
    code, said = verdict(capsys, file, "--key", "a+b+c")
    assert (code, said.startswith("NOT VERIFIED.")) == (1, True)


def test_missing_file_gets_a_sentence(db, capsys, tmp_path):
    assert verdict(capsys, tmp_path / "nowhere.zip") == (2, f"There is no file {tmp_path / 'nowhere.zip'}.\n")


@pytest.mark.parametrize("index", ["-253", "0_3", "+3", "03", "1e3"])
def test_index_is_written_in_one_way_alone(sealed, capsys, tmp_path, index):
    file = tmp_path / "entry.tlog-proof"
    proof = proof_of(Entry.objects.get(pk=Leaf.objects.get(index=3).entry_id)).text
    file.write_text(proof.replace("\nindex 3\n", f"\nindex {index}\n"))
    assert verdict(capsys, file, "--key", vkey())[0] == 1


# ── What a forger could think of ────────────────────────────────────────────────────────
def test_file_that_stands_there_many_times_is_named(bundle, capsys):
    with zipfile.ZipFile(bundle, "a") as archive, warnings.catch_warnings(action="ignore"):
        for _ in range(100):
            archive.writestr("README.txt", "another")
    code, said = verdict(capsys, bundle, "--key", vkey())
    assert (code, "README.txt does not belong" in said) == (1, True)


def test_something_before_the_zip_is_refused(bundle, capsys):
    bundle.write_bytes(b"another zip" + bundle.read_bytes())
    assert "does not begin as an export does" in verdict(capsys, bundle, "--key", vkey())[1]


def test_bomb_is_not_unpacked(bundle, capsys):
    bomb = changed(bundle, "README.txt", lambda _: b"")
    with zipfile.ZipFile(bomb) as old, zipfile.ZipFile(bundle, "w", zipfile.ZIP_BZIP2) as new:
        for member in old.namelist():
            new.writestr(member, old.read(member))
    assert "compressed in a way that no export is" in verdict(capsys, bundle, "--key", vkey())[1]


@pytest.mark.parametrize("indexes", [b"0\n0\n", b"5-1\n", b"3\n1\n", b"-5\n", b"x\n"])
def test_places_ascend_even_where_the_ledger_itself_is_dishonest(bundle, capsys, in_acme, indexes):
    """Signed by the right key: whoever runs the ledger tries to have one entry counted twice."""
    key = SigningKey.objects.get()

    def resigned(_):
        text = zipfile.ZipFile(bundle).read("manifest").decode()
        first, content, *_ = text.split("\n")
        said = json.loads(content)
        said["files"]["indexes.txt"] = hashlib.sha256(indexes).hexdigest()
        return keys.sign(f"{first}\n{json.dumps(said)}\n", [key]).encode()

    forged = changed(bundle, "indexes.txt", lambda _: indexes)
    twice = forged.rename(bundle)
    code, said = verdict(capsys, changed(twice, "manifest", resigned), "--key", vkey())
    assert (code, "Traceback" in said) == (1, False), said


def test_nothing_in_a_forged_file_moves_the_cursor(bundle, capsys):
    forged = changed(bundle, "manifest", lambda content: content + b"\x1b[2J Verified.\n")
    code, said = verdict(capsys, forged, "--key", vkey())
    assert (code, "\x1b" in said) == (1, False)


@pytest.mark.parametrize(
    "manifest", [b"[]", b"x\n[]\n\n", b'x\n{"keys":5}\n\n', b"x\n" + b"[" * 100_000 + b"\n\n", b"\xff"]
)
def test_manifest_of_any_form_ends_in_a_sentence(bundle, capsys, manifest):
    code, said = verdict(capsys, changed(bundle, "manifest", lambda _: manifest))
    assert (code, "NOT VERIFIED." in said) == (1, True)


def test_keys_of_two_ledgers_are_refused(bundle, capsys):
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert "different ledgers" in verdict(capsys, bundle, "--key", vkey(), "--key", other)[1]
    assert "no witness’s key" in verdict(capsys, bundle, "--key", vkey(), "--witness", vkey())[1]
