"""Signed notes, checkpoints and cosignatures, as c2sp.org/signed-note, tlog-checkpoint and tlog-cosignature say."""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, WITNESS = 0x01, 0x04  # types of signature: plain Ed25519, and a cosignature that carries its time
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
LONGEST = 100_000  # characters of a note that is read at all


@dataclass(frozen=True)
class Key:
    """A public key that notes may be signed with, under the name it goes by."""

    name: str
    public: bytes
    kind: int = LOG

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        """Write it as a vkey: name, id and key on one line, to be kept or compared."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def read(cls, vkey: str) -> "Key":
        """:raises NotANote: this is no Ed25519 vkey, or its id does not fit its key"""
        try:
            name, given_id, encoded = vkey.strip().split("+", 2)
            kind, *public = b64decode(encoded, validate=True)
        except (ValueError, NotBase64):
            raise NotANote("A key is written as name+id+base64.") from None
        key = cls(name, bytes(public), kind)
        if kind not in {LOG, WITNESS} or len(public) != 32 or given_id != key.id.hex():
            raise NotANote("This is no Ed25519 key, or a character of it is wrong: its id does not fit.")
        return key

    def signs(self, text: str, signature: bytes) -> bool:
        """Whether this signature, without its key id, is this key's under exactly this text."""
        try:
            if self.kind == WITNESS:
                time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
                text = cosigned(text, time)
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: under this name it holds so many entries, and this is their root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> "Checkpoint":
        """:raises NotANote: these are not the three lines of a checkpoint"""
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0] or not re.fullmatch(r"0|[1-9]\d{0,18}", lines[1]):
            raise NotANote("A checkpoint has three lines: the log’s name, its size and its root.")
        try:
            hashed = b64decode(lines[2], validate=True)
        except (ValueError, NotBase64):
            raise NotANote("The third line of a checkpoint is a hash in base64.") from None
        return cls(lines[0], int(lines[1]), hashed)


def cosigned(text: str, time: int) -> str:
    """What a witness signs: the checkpoint, and when it saw it (seconds since 1970)."""
    return f"cosignature/v1\ntime {time}\n{text}"


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """Return the log's signature line under a note's text."""
    public = key.public_key().public_bytes_raw()
    return signature_line(name, Key(name, public).id + key.sign(text.encode()))


def signature_line(name: str, blob: bytes) -> str:
    return f"— {name} {b64encode(blob).decode()}\n"


def read(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Take a note apart: its text, and the name, key id and signature of each line. Nothing is verified here.

    :raises NotANote: it has not the form of one
    """
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or len(note) > LONGEST or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise NotANote("A signed note is text, an empty line, and signatures.")
    return text + "\n", [_signature(line) for line in lines[:-1].split("\n")]


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = _LINE.fullmatch(line)
    try:
        blob = b64decode(found[2], validate=True) if found else b""
    except (ValueError, NotBase64):
        blob = b""
    if not found or len(blob) < 5:
        raise NotANote(f"“{line[:60]}” is no signature line.")
    return found[1], blob[:4], blob[4:]


def signers(note: str, known: list[Key]) -> list[Key]:
    """Return those of the known keys that signed this note; signatures of others count for nothing.

    :raises NotANote: it has not the form of one
    :raises BadSignature: a known key's name stands under it with a signature that is not its own
    """
    text, signatures = read(note)
    found = []
    for name, key_id, signature in signatures:
        for key in known:
            if (key.name, key.id) == (name, key_id):
                if not key.signs(text, signature):
                    raise BadSignature(f"The signature of {name} does not fit this note.")
                found.append(key)
    return found


class NotANote(ValueError):
    """What was given has not the form of a signed note, a checkpoint or a key."""


class BadSignature(ValueError):
    """A note carries a signature in the name of a known key that this key did not make."""
