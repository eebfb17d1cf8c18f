"""Zips that harm, and zips that only look odd."""

import os
import zipfile

import pytest

from scoring.connectors.refusals import FileRefused
from scoring.connectors.zips import MOST_UNPACKED, open_zip


def _set_flag(path, bit):
    """Say of the first member, in both of its headers, that it is encrypted or has a UTF-8 name."""
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= bit
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../users.json", "an export does not have"),
        ("/etc/users.json", "an export does not have"),
        ("a/b/c.json", "an export does not have"),
        ("general\\..\\users.json", "an export does not have"),
        (".hidden.json", "an export does not have"),
        ("run.exe", "an export does not have"),
        ("older.zip", "another archive"),
        ("general/older.tar.gz", "another archive"),
    ],
)
def test_member_that_no_export_has_is_refused(make_zip, name, sentence):
    path = make_zip({name: "[]"})
    with pytest.raises(FileRefused, match=sentence), open_zip(path):
        pass


def test_encrypted_zip_is_refused(make_zip):
    path = make_zip({"users.json": "[]"})
    _set_flag(path, 0x1)
    with pytest.raises(FileRefused, match="encrypted"), open_zip(path):
        pass


@pytest.mark.parametrize("content", [b"not a zip", b"", b"PK\x03\x04 half of a zip"])
def test_what_is_no_zip_is_refused(tmp_path, content):
    path = tmp_path / "export.zip"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match="not a zip file"), open_zip(path):
        pass


def test_zip_cut_in_the_middle_is_refused(make_zip):
    path = make_zip({"users.json": os.urandom(5000).hex()})
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(FileRefused, match="not a zip file"), open_zip(path):
        pass


def test_damaged_member_is_refused_while_it_is_read(make_zip):
    path = make_zip({"users.json": b"x" * 5000}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[2000] ^= 0xFF
    path.write_bytes(content)
    with open_zip(path) as archive, archive.open("users.json") as stream, pytest.raises(FileRefused, match="damaged"):
        stream.read()


@pytest.mark.slow
def test_zip_that_explodes_is_refused_once_it_has_unpacked_too_much(make_zip, tmp_path):
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("users.json", "w", force_zip64=True) as member,
    ):
        for _ in range(MOST_UNPACKED // (1 << 20) + 2):
            member.write(bytes(1 << 20))
    with (
        open_zip(path) as archive,
        archive.open("users.json") as stream,
        pytest.raises(FileRefused, match="ten times its size"),
    ):
        while stream.read(1 << 20):
            pass


def test_packing_that_unpacks_without_bounds_is_refused(make_zip):
    path = make_zip({"users.json": "[]"}, zipfile.ZIP_BZIP2)
    with pytest.raises(FileRefused, match="in a way that exports do not"), open_zip(path):
        pass


def test_crowded_zip_is_refused_before_its_list_is_read(make_zip, monkeypatch):
    monkeypatch.setattr("scoring.connectors.zips.LONGEST_LIST", 100)
    path = make_zip({f"general/{n}.json": "[]" for n in range(10)})
    with pytest.raises(FileRefused, match="more files than can be looked through"), open_zip(path):
        pass


def test_name_in_unmarked_utf8_is_read_as_such(make_zip):
    path = make_zip({"caf\u00e9/2026-11-10.json": "[]"})
    content = path.read_bytes()
    unmarked = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        unmarked[content.index(mark) + offset] &= 0xFF ^ 0x08
    path.write_bytes(unmarked)
    with open_zip(path) as archive:
        assert list(archive.members) == ["caf\u00e9/2026-11-10.json"]
