"""Opening an export zip without being harmed by it."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from scoring.connectors.refusals import FileRefused

# `name.json` or `folder/name.json`, nothing deeper, nothing that climbs out.
_ALLOWED = re.compile(r"^(?:[^/\\:\x00-\x1f]+/)?[^/\\:\x00-\x1f]+\.(?:json|csv|txt)$")
MOST_UNPACKED = 1 << 30
MOST_RATIO = 10
_ENCRYPTED = 0x1
_UTF8 = 0x800


class SafeZip:
    """The files of a zip that passed inspection, by the names that they were meant to have."""

    def __init__(self, archive: zipfile.ZipFile, packed: int):
        self._archive = archive
        self._packed = packed
        self._unpacked = 0
        self.members = {_name(info): info for info in archive.infolist() if not info.is_dir()}
        for name, info in self.members.items():
            _inspect(name, info)

    def open(self, name: str) -> IO[bytes]:
        """Open a member for streaming; bytes are counted as they are unpacked, since headers can lie.

        :raises FileRefused: the archive unpacks to far more than it is
        """
        return _Counted(self._archive.open(self.members[name]), self)

    def packed_size(self, name: str) -> int:
        return self.members[name].compress_size

    def count(self, size: int) -> None:
        self._unpacked += size
        if self._unpacked > MOST_UNPACKED and self._unpacked > MOST_RATIO * self._packed:
            raise FileRefused("The zip unpacks to more than 1 GiB and ten times its size. Export smaller date ranges.")


class _Counted:
    """A member's stream that reports how much was unpacked."""

    def __init__(self, stream: IO[bytes], owner: SafeZip):
        self._stream, self._owner = stream, owner

    def read(self, size: int = -1) -> bytes:
        """Read in steps, so that no lie of the header is ever in memory as a whole."""
        if size >= 0:
            return self._step(size)
        parts = []
        while part := self._step(1 << 16):
            parts.append(part)
        return b"".join(parts)

    def _step(self, size: int) -> bytes:
        try:
            part = self._stream.read(size)
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
            raise FileRefused("The zip is damaged. Download the export again.") from error
        self._owner.count(len(part))
        return part

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()

    closed = property(lambda self: self._stream.closed)
    writable = seekable = lambda _self: False

    def readinto(self, buffer: bytearray) -> int:
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def flush(self) -> None:
        """Nothing to flush: text wrappers ask."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def open_zip(path: Path) -> Iterator[SafeZip]:
    """Open and inspect a zip.

    :raises FileRefused: it is no zip, damaged, encrypted, nested, or a member's name climbs out of it
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FileRefused("This is not a zip file, or it is damaged. Download the export again.") from error
    with archive:
        yield SafeZip(archive, path.stat().st_size)


def _inspect(name: str, info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise FileRefused("The zip is encrypted. Export it again without a password.")
    if name.lower().endswith((".zip", ".gz", ".7z", ".rar", ".tar", ".bz2", ".xz")):
        raise FileRefused(f"The zip holds another archive ({name}). Upload that one by itself.")
    if ".." in name.split("/") or name.startswith(("/", "\\")) or not _ALLOWED.match(name):
        raise FileRefused(
            f"The zip holds a file that an export does not have: {name[:80]!r}. Upload the export unchanged."
        )


def _name(info: zipfile.ZipInfo) -> str:
    """Slack writes UTF-8 names without saying so; Python then reads them as cp437."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename
