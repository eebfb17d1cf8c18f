"""Opening an export zip without being harmed by it. Nothing is ever unpacked to disk."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import unpack_from
from typing import IO

from scoring.connectors.refusals import FileRefused

# `name.json` or `folder/name.json`, nothing deeper, nothing that climbs out.
_ALLOWED = re.compile(r"(?!\.)(?:[^/\\\x00-\x1f]+/)?(?!\.)[^/\\\x00-\x1f]+\.(?:json|csv|txt)")
_ARCHIVES = (".zip", ".gz", ".tgz", ".7z", ".rar", ".tar", ".bz2", ".xz")
MOST_UNPACKED = 1 << 30
MOST_RATIO = 10
# Their list is in memory as a whole: room for some 200,000 files.
LONGEST_LIST = 16 << 20
# The others unpack without bounds in one step.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_UTF8 = 0x800
DAMAGED = "The archive is damaged. Download the export again."


class SafeZip:
    """The files of a zip that passed inspection, by the names that they were meant to have."""

    def __init__(self, archive: zipfile.ZipFile, packed: int, names: re.Pattern[str] = _ALLOWED):
        self._archive = archive
        self._packed = packed
        self._unpacked = 0
        self.members = {_name(info): info for info in archive.infolist() if not info.is_dir()}
        for name, info in self.members.items():
            _inspect(name, info, names)

    def open(self, name: str) -> IO[bytes]:
        """Open a member for streaming; bytes are counted as they are unpacked, since headers can lie.

        :raises FileRefused: also while it is read: damaged, or it unpacks to far more than it is
        """
        try:
            return io.BufferedReader(Counted(self._archive.open(self.members[name]), self._count), 1 << 16)
        except (zipfile.BadZipFile, OSError) as error:
            raise FileRefused(DAMAGED) from error

    def packed_size(self, name: str) -> int:
        return self.members[name].compress_size

    def position(self) -> int:
        """How far into the zip was read last, in bytes."""
        return self._archive.fp.tell() if self._archive.fp else 0

    def _count(self, size: int) -> None:
        self._unpacked += size
        if self._unpacked > MOST_UNPACKED and self._unpacked > MOST_RATIO * self._packed:
            raise FileRefused("The zip unpacks to more than 1 GiB and ten times its size. Export smaller date ranges.")


class Counted(io.RawIOBase):
    """A member's stream that reports how much was unpacked, and whether that was possible."""

    def __init__(self, stream: IO[bytes], count: Callable[[int], None]):
        self._stream, self._count = stream, count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            part = self._stream.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise FileRefused(DAMAGED) from error
        self._count(len(part))
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._stream.close()
        super().close()


@contextmanager
def open_zip(path: Path, *, names: re.Pattern[str] = _ALLOWED) -> Iterator[SafeZip]:
    """Open and inspect a zip.

    :param names: what its members may be called, if not as in most exports
    :raises FileRefused: it is no zip, damaged, encrypted, nested, crowded, or a member's name climbs out of it
    """
    if _length_of_list(path) > LONGEST_LIST:
        raise FileRefused("The zip holds more files than can be looked through. Export smaller date ranges.")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FileRefused("This is not a zip file, or it is damaged. Download the export again.") from error
    with archive:
        yield SafeZip(archive, path.stat().st_size, names)


def _length_of_list(path: Path) -> int:
    """How many bytes the list of members takes: to be known before it is read. 0 if this is no zip."""
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, 1 << 17), io.SEEK_END)
        tail = file.read()
    end, end64 = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    size = unpack_from("<L", tail, end + 12)[0] if 0 <= end <= len(tail) - 22 else 0
    size64 = unpack_from("<Q", tail, end64 + 40)[0] if 0 <= end64 <= len(tail) - 56 else 0
    return size if size != 0xFFFFFFFF else size64


def _inspect(name: str, info: zipfile.ZipInfo, names: re.Pattern[str]) -> None:
    shown = repr(name.rpartition("/")[2][:80])
    if info.flag_bits & _ENCRYPTED:
        raise FileRefused("The zip is encrypted. Export it again without a password.")
    if name.lower().endswith(_ARCHIVES):
        raise FileRefused(f"The zip holds another archive, {shown}. Upload that one by itself.")
    if not names.fullmatch(name):
        raise FileRefused(f"The zip holds a file that an export does not have, {shown}. Upload the export unchanged.")
    if info.compress_type not in _METHODS:
        raise FileRefused(f"The zip packs {shown} in a way that exports do not. Upload the export unchanged.")


def _name(info: zipfile.ZipInfo) -> str:
    """Slack writes UTF-8 names without saying so; Python then reads them as cp437."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename
