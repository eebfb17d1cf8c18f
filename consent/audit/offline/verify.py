#!/usr/bin/env python3
"""Verify an export of an Assent ledger, the proof of one entry, or a certificate, on any machine, without Assent.

    python verify.py bundle.zip --key VKEY [--earlier CHECKPOINT] [--witness VKEY]
    python verify.py entry.tlog-proof --key VKEY
    python verify.py certificate.json --key VKEY [--address ADDRESS]

Needs Python 3.11 or later and `pip install cryptography`. VKEY is the line by which the ledger's key is known: write it
down when you first see it; after a change of keys give both, each with --key. CHECKPOINT is one you kept: the file
`checkpoint` of an older bundle, or the text on the ledger's page. Without it, a ledger that was cut off since passes.

Ends with 0 when everything is proven, with 1 when something is not, with 2 when it could not begin, and with 3 when
nothing is damaged but no key was given: whoever forges a ledger forges its key too, so that proves nothing.
Formats: RFC 6962 (tree), c2sp.org/signed-note, tlog-checkpoint, tlog-tiles, tlog-proof, tlog-cosignature.
"""

import argparse
import json
import re
import sys
import zipfile
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("This needs the package `cryptography`: pip install cryptography")

WIDTH, HEIGHT = 256, 8
LOG, WITNESS = 1, 4
MOST_AT_ONCE, LONGEST_LINE = 64 << 20, 16 << 20  # bytes of a file, of a line: no export has larger ones
MOST_SIGNATURES = 64
TILES_KEPT = 64


Digest = type(sha256())


class NotProven(Exception):
    """Something is not as it was when it was sealed; the text names the first place."""


# ── Signed notes ────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Key:
    """A public key under its name: `name+id+base64`."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @classmethod
    def read(cls, vkey: str) -> "Key":
        try:
            name, given_id, encoded = vkey.strip().split("+", 2)
            kind, *public = b64decode(encoded, validate=True)
        except ValueError:
            raise NotProven(f"“{vkey}” is no key: one is written as name+id+base64.") from None
        key = cls(name, kind, bytes(public))
        if given_id != key.id.hex() or kind not in {LOG, WITNESS}:
            raise NotProven(f"A character of the key “{vkey}” is wrong: its id does not fit.")
        return key

    def signs(self, text: str, signature: bytes) -> bool:
        try:
            if self.kind == WITNESS:
                text = f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n{text}"
                signature = signature[8:]
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def text_signed_by(what: str, note: str, keys: list[Key]) -> str:
    """Return a note's text when one of these keys has signed it."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or lines.count("\n") > MOST_SIGNATURES:
        raise NotProven(f"{what} is no signed note.")
    signed = False
    for line in lines.splitlines():
        found = re.fullmatch(r"— (\S+) ([A-Za-z0-9+/=]+)", line)
        blob = b64decode(found[2]) if found and len(found[2]) % 4 == 0 else b""
        if not blob:
            raise NotProven(f"{what} has a line that is no signature: “{line[:60]}”.")
        for key in keys:
            if (key.name, key.id) == (found[1], blob[:4]):
                if not key.signs(text + "\n", blob[4:]):
                    raise NotProven(f"The signature of {key.name} under {what} does not fit its text.")
                signed = True
    if not signed:
        raise NotProven(
            f"{what} is not signed by {' or '.join(sorted({key.name for key in keys}))} with the given key."
        )
    return text + "\n"


@dataclass(frozen=True)
class Checkpoint:
    """What the log said of itself: its name, how many entries it held, and their root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def read(cls, what: str, note: str, keys: list[Key]) -> "Checkpoint":
        origin, size, root, *_ = [*text_signed_by(what, note, keys).split("\n"), "", ""]
        if not size.isdecimal() or len(size) > 18:
            raise NotProven(f"{what} is no checkpoint: its second line is no number.")
        if origin != keys[0].name:
            raise NotProven(f"{what} is of another ledger, {origin}.")
        return cls(origin, int(size), b64decode(root))


# ── The tree ────────────────────────────────────────────────────────────────────────────
def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(row: list[bytes]) -> bytes:
    while len(row) > 1:
        row = [node_hash(*row[i : i + 2]) if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)]
    return row[0]


def tile_path(level: int, number: int, width: int) -> str:
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{path}" + ("" if width == WIDTH else f".p/{width}")


class Tree:
    """The tiles of a bundle. Each must lead to a hash of the tile above, the topmost to the signed root."""

    def __init__(self, bundle: "Bundle", checkpoint: Checkpoint):
        self.bundle, self.checkpoint = bundle, checkpoint
        self.tile = lru_cache(TILES_KEPT)(self._proven)
        if self._edge_root() != checkpoint.root:
            raise NotProven("The tiles at the right edge of the tree do not lead to the signed root.")

    def width(self, level: int, number: int) -> int:
        return max(0, min(WIDTH, (self.checkpoint.size >> HEIGHT * level) - number * WIDTH))

    def root(self, start: int, stop: int) -> bytes:
        """Compute the root of a subtree from tiles, as RFC 6962 divides it."""
        size = stop - start
        if size & (size - 1):
            middle = start + (1 << (size - 1).bit_length() - 1)
            return node_hash(self.root(start, middle), self.root(middle, stop))
        level = (size.bit_length() - 1) // HEIGHT
        first, width = start >> HEIGHT * level, size >> HEIGHT * level
        return root_of(self.tile(level, first // WIDTH)[first % WIDTH : first % WIDTH + width])

    def _edge_root(self) -> bytes:
        found = b""
        for level in range(-(-self.checkpoint.size.bit_length() // HEIGHT)):
            number, stop = divmod(self.checkpoint.size >> HEIGHT * level, WIDTH)
            row = self._read(level, number) if stop else []
            while stop:
                width = stop & -stop
                subtree = root_of(row[stop - width : stop])
                found = node_hash(subtree, found) if found else subtree
                stop -= width
        return found

    def _proven(self, level: int, number: int) -> list[bytes]:
        row = self._read(level, number)
        if len(row) == WIDTH and root_of(row) != self.tile(level + 1, number // WIDTH)[number % WIDTH]:
            first = number * WIDTH ** (level + 1)
            raise NotProven(
                f"{tile_path(level, number, WIDTH)} does not lead to the hash above it:"
                f" the proof of entries {first} to {first + WIDTH ** (level + 1) - 1} is damaged."
            )
        return row

    def _read(self, level: int, number: int) -> list[bytes]:
        width = self.width(level, number)
        tile = self.bundle.read(tile_path(level, number, width))
        if len(tile) != 32 * width:
            raise NotProven(f"{tile_path(level, number, width)} has {len(tile)} bytes instead of {32 * width}.")
        return [tile[i : i + 32] for i in range(0, len(tile), 32)]


# ── The bundle ──────────────────────────────────────────────────────────────────────────
class Bundle:
    """The zip, and what its signed manifest says is in it."""

    def __init__(self, path: Path):
        try:
            self.zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise NotProven(f"{path} cannot be read as a zip: {error}") from None
        members = self.zip.infolist()
        if not members or min(member.header_offset for member in members):
            raise NotProven(f"{path} does not begin as an export does.")
        if any(member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for member in members):
            raise NotProven(f"{path} is compressed in a way that no export is.")
        self.manifest: dict = {}

    def match(self, name: str, digest: str) -> None:
        if name in self.manifest.get("files", {}) and digest != self.manifest["files"][name]:
            raise NotProven(f"{name} is not the file that the signed manifest names.")

    def read(self, name: str) -> bytes:
        if name not in self.zip.NameToInfo:
            raise NotProven(f"{name} is missing from the bundle.")
        if self.zip.getinfo(name).file_size > MOST_AT_ONCE:
            raise NotProven(f"{name} is larger than such a file can be.")
        try:
            content = self.zip.read(name)
        except Exception as error:  # noqa: BLE001 - zipfile and zlib raise many kinds; all mean that this file is damaged
            raise NotProven(f"{name} is damaged: {error}") from None
        self.match(name, sha256(content).hexdigest())
        return content

    def text(self, name: str) -> str:
        try:
            return self.read(name).decode()
        except UnicodeDecodeError:
            raise NotProven(f"{name} is damaged: it is no text.") from None

    def take_manifest(self, keys: list[Key]) -> None:
        text = text_signed_by("The manifest", self.text("manifest"), keys)
        first, _, rest = text.partition("\n")
        if first != f"{keys[0].name}/export":
            raise NotProven("The manifest is that of another ledger.")
        self.manifest = json.loads(rest)
        named, found = {"manifest", *self.manifest["files"]}, self.zip.namelist()
        if missing := sorted(named - set(found)):
            raise NotProven(f"{missing[0]} is missing from the bundle.")
        twice = [name for name, times in Counter(found).items() if times > 1]
        if strange := sorted(set(found) - named) or twice:
            raise NotProven(f"{strange[0]} does not belong to the bundle.")

    def lines(self, name: str, digest: Digest) -> Iterator[bytes]:
        """The lines of a large file, one after the other; `digest` learns them all."""
        number = 0  # for the sentence, should reading fail
        try:
            with self.zip.open(name) as file:
                for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):  # noqa: B007
                    digest.update(line)
                    yield line
        except Exception as error:  # noqa: BLE001 - as above
            raise NotProven(f"{name} is damaged after line {number}: {error}") from None


def exported(bundle: Bundle) -> Iterator[int]:
    """The places in the tree, ascending, of the entries that must be in the bundle: lines of `7` or `7-12`."""
    before = -1
    for line in bundle.text("indexes.txt").splitlines():
        first, _, last = line.partition("-")
        if not before < int(first) <= int(last or first):
            raise NotProven(f"indexes.txt is not ascending at “{line}”.")
        before = int(last or first)
        yield from range(int(first), before + 1)


def check_entries(bundle: Bundle, tree: Tree) -> int:
    """Prove each entry in its place; return how many there are."""
    expected, total, digest, number = exported(bundle), bundle.manifest["entries"], sha256(), 0
    for number, line in enumerate(bundle.lines("entries.tsv", digest), 1):
        index, tab, entry = line.rstrip(b"\n").partition(b"\t")
        due = next(expected, None)
        if due is None:
            raise NotProven(f"Line {number} of entries.tsv is one too many: the export ended with line {number - 1}.")
        if not tab or index != str(due).encode():
            raise NotProven(
                f"Line {number} of entries.tsv should be entry {due} and is not: dropped, moved or damaged."
            )
        if leaf_hash(entry) != tree.tile(0, due // WIDTH)[due % WIDTH]:
            raise NotProven(f"Entry {due} (line {number} of entries.tsv) is not what was sealed.")
        if number % 10_000 == 0:
            show_progress(number, total)
    if (due := next(expected, None)) is not None:
        raise NotProven(f"entries.tsv ends after line {number}: entry {due} and all after it are missing.")
    bundle.match("entries.tsv", digest.hexdigest())
    if number != total:
        raise NotProven(f"The manifest promises {total} entries, and {number} are here.")
    return number


def check_earlier(what: str, note: str, tree: Tree, keys: list[Key]) -> int:
    """Prove that the tree of an earlier checkpoint is the beginning of this one; return its size."""
    earlier = Checkpoint.read(what, note, keys)
    if earlier.origin != tree.checkpoint.origin:
        raise NotProven(f"{what} is of another ledger, {earlier.origin}.")
    if earlier.size > tree.checkpoint.size:
        raise NotProven(
            f"{what} has {earlier.size} entries, this export only {tree.checkpoint.size}:"
            " it is older, or the ledger was cut off."
        )
    if earlier.size and tree.root(0, earlier.size) != earlier.root:
        raise NotProven(
            f"{what} has another root than the first {earlier.size} entries lead to: the past was rewritten."
        )
    return earlier.size


def verify_bundle(path: Path, keys: list[Key], witnesses: list[Key], earlier: list[Path]) -> None:
    bundle = Bundle(path)
    keys = keys or trusted_for_now(bundle)
    bundle.take_manifest(keys)
    note = bundle.text("checkpoint")
    checkpoint = Checkpoint.read("The checkpoint", note, keys)
    for witness in witnesses:
        text_signed_by("The checkpoint", note, [witness])
        say(f"Witnessed by {witness.name}.")
    tree = Tree(bundle, checkpoint)
    count = check_entries(bundle, tree)
    for name in bundle.manifest["files"]:
        if name.startswith("earlier/"):
            say(f"The ledger of {check_earlier(name, bundle.text(name), tree, keys):,} entries is its beginning.")
        elif name != "entries.tsv":
            bundle.read(name)
    for file in earlier:
        size = check_earlier(str(file), file.read_text(encoding="utf-8"), tree, keys)
        say(f"{file}: the ledger of {size:,} entries is the beginning of this one.")
    tell(bundle, checkpoint, count)


def trusted_for_now(bundle: Bundle) -> list[Key]:
    """Without a key of yours, only damage can be found: whoever forges a ledger forges its key too."""
    _, _, rest = bundle.text("manifest").partition("\n")
    try:
        vkeys = json.loads(rest.partition("\n")[0])["keys"]
    except (ValueError, KeyError):
        raise NotProven("The manifest is damaged.") from None
    say("No --key was given. Trusting what the bundle says; compare it with the key you wrote down:")
    for vkey in vkeys:
        say(f"  {vkey}")
    return [Key.read(vkey) for vkey in vkeys]


def tell(bundle: Bundle, checkpoint: Checkpoint, count: int) -> None:
    said = bundle.manifest
    say(f"This export was made at {said['made_at']}; what came later is not in it.")
    say(f"{count:,} entries verified against the ledger {checkpoint.origin} of {checkpoint.size:,} entries.")
    if count == checkpoint.size:
        say("They are all there are: nothing is missing.")
    else:
        say(f"They are those the export says it found for: {said['query'] or 'everything'}")
        say("That it left none out cannot be proven from a part; an export of everything can.")


# ── One entry ───────────────────────────────────────────────────────────────────────────
def verify_proof(text: str, keys: list[Key], witnesses: list[Key]) -> bytes:
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    entry, index, hashes = _read_proof(lines)
    if not blank or not keys:
        raise NotProven(
            "A proof needs a checkpoint, and --key the ledger’s key." if not blank else "Give the key: --key."
        )
    checkpoint = Checkpoint.read("The checkpoint", note, keys)
    for witness in witnesses:
        text_signed_by("The checkpoint", note, [witness])
    if _climb(leaf_hash(entry), index, checkpoint.size, hashes) != checkpoint.root:
        raise NotProven(f"The hashes do not lead from entry {index} to the signed root.")
    say(entry.decode())
    say(f"This is entry {index} of {checkpoint.size:,} in the ledger {checkpoint.origin}.")
    return entry


def verify_certificate(path: Path, keys: list[Key], witnesses: list[Key], address: str) -> None:
    """Prove the entry that certifies an erasure; with an address, that it is the one of this very person."""
    told = json.loads(path.read_text(encoding="utf-8"))
    sealed = json.loads(verify_proof(told["proof"], keys, witnesses))
    said = sealed["payload"]
    if sealed != told["entry"] or sealed["event"] != "consent.person_erased":
        raise NotProven("The certificate says something else than the ledger.")
    digest = sha256(bytes.fromhex(told["address_salt"]) + address.strip().lower().encode()).hexdigest()
    if address and digest != said["commitment"]:
        raise NotProven(f"The certificate is not about {address}.")
    say(f"{said['reference']}: erased on {said['erased']}, due {said['due']}; outcome: {said['outcome']}.")
    say(f"Rows before: {sum(said['rows_before'].values()):,}. Found afterwards: {said['residue'] or 'nothing'}.")
    say(f"It is about {address}." if address else "Give --address to see whether it is about an address you know.")


def _read_proof(lines: list[str]) -> tuple[bytes, int, list[bytes]]:
    try:
        version, extra, index, *hashes = lines
        entry = b64decode(extra.removeprefix("extra "), validate=True)
        place = int(re.fullmatch(r"index (0|[1-9][0-9]{0,17})", index)[1])
        path = [b64decode(line, validate=True) for line in hashes]
    except (ValueError, TypeError):
        version = ""
    if version != "c2sp.org/tlog-proof@v1":
        raise NotProven("This is no tlog-proof with an entry in it.")
    return entry, place, path


def _climb(found: bytes, index: int, size: int, hashes: list[bytes]) -> bytes | None:
    """From a leaf to the root, as RFC 9162, section 2.1.3.2 verifies; None when the proof has the wrong length."""
    if not 0 <= index < size:
        return None
    last = size - 1
    for hashed in hashes:
        if last == 0:
            return None
        if index & 1 or index == last:
            found = node_hash(hashed, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = node_hash(found, hashed)
        index, last = index >> 1, last >> 1
    return found if last == 0 else None


# ── The command ─────────────────────────────────────────────────────────────────────────
def say(text: str, file=None) -> None:
    """Print, without whatever in a forged file would move the cursor."""
    print("".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text), file=file)


def show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:,} of {total:,} entries", end="\r", file=sys.stderr)


def read_keys(vkeys: list[str], kind: int, whose: str) -> list[Key]:
    """The keys given: all of this kind, and those of a ledger under one name."""
    keys = [Key.read(vkey) for vkey in vkeys]
    if any(key.kind != kind for key in keys):
        raise NotProven(f"One of the keys given is no {whose}’s key.")
    if kind == LOG and len({key.name for key in keys}) > 1:
        raise NotProven("The keys given are of different ledgers.")
    return keys


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="bundle.zip, entry.tlog-proof or certificate.json")
    parser.add_argument("--key", action="append", default=[], help="the ledger’s key, as you wrote it down")
    parser.add_argument("--witness", action="append", default=[], help="a witness’s key, whose signature must be there")
    parser.add_argument("--earlier", action="append", default=[], type=Path, help="a checkpoint you kept")
    parser.add_argument("--address", default="", help="whose certificate it should be")
    given = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    for path in [given.file, *given.earlier]:
        if not path.is_file():
            print(f"There is no file {path}.", file=sys.stderr)
            return 2
    try:
        keys = read_keys(given.key, LOG, "ledger")
        witnesses = read_keys(given.witness, WITNESS, "witness")
        if zipfile.is_zipfile(given.file) or given.file.suffix == ".zip":
            verify_bundle(given.file, keys, witnesses, given.earlier)
        elif given.file.suffix == ".json":
            verify_certificate(given.file, keys, witnesses, given.address)
        else:
            verify_proof(given.file.read_text(encoding="utf-8"), keys, witnesses)
    except NotProven as problem:
        say(f"NOT VERIFIED. {problem}", sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001 - a forged file must end in a sentence, whatever is in it
        say(f"NOT VERIFIED. {given.file} is not of the form it should have: {error!r}", sys.stderr)
        return 1
    if not keys:
        say("Undamaged, but NOT PROVEN: no --key was given.")
        return 3
    say("Verified.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
