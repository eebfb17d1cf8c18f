"""Opening a mailbox: an mbox, or a zip or tar of maildirs and mboxes. Of a mail only the wanted headers are kept."""

import gzip
import io
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from scoring.connectors.refusals import FileRefused
from scoring.connectors.zips import MOST_RATIO, MOST_UNPACKED, Counted, open_zip

LONGEST_LINE = 1 << 16
MOST_OF_HEADERS = 1 << 18
# A tar's own remarks on a member are read into memory as a whole: a long name, no more.
LONGEST_REMARK = 1 << 16
_REMARKS = {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, b"X"}
_POSTMARK = re.compile(rb"From .*\d\d:\d\d")
_MAIL = re.compile(r"(?:.*/)?(?:cur|new)/[^/]+")
_NAMES = re.compile(r"(?!/)(?!(?:.*/)?\.\./)[^\\\x00-\x1f]+")
_NEITHER = "This is neither an mbox nor a zip or tar of a maildir. Export the mailbox again."
_TORN = "The archive is damaged. Export the mailbox again."


class Mail:
    """The wanted headers of one mail; all else is forgotten line by line."""

    def __init__(self, where: str, wanted: frozenset[str]):
        self.where, self.headers, self.is_over = where, dict[str, str](), False
        self._wanted, self._name, self._size = wanted, "", 0

    def take(self, line: bytes) -> None:
        """The next line of it. What comes after the first empty one is the text, which is not looked at."""
        if self.is_over or not line.strip():
            self.is_over = True
        elif line[:1] in b" \t":
            self._add(line, " ")
        else:
            name, _, value = line.partition(b":")
            self._name = name.decode("ascii", "replace").strip().lower()
            self._add(value, ", ")

    def _add(self, value: bytes, joint: str) -> None:
        """A header, its continuation, or another of the same name."""
        if self._name in self._wanted and self._size < MOST_OF_HEADERS:
            self._size += len(value)
            text, before = value.decode("utf-8", "replace").strip(), self.headers.get(self._name)
            self.headers[self._name] = text if before is None else f"{before}{joint}{text}"


def mails(path: Path, wanted: frozenset[str]) -> Iterator[tuple[int, Mail]]:
    """The mails of a mailbox, with how much of the file is done, in bytes.

    :raises FileRefused: it is none, damaged, or unpacks to far more than it is
    """
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start.startswith(b"PK"):
            yield from _of_zip(path, wanted)
        else:
            yield from _of_stream(_unpacked(file, path.stat().st_size, start), file, wanted)


def _of_zip(path: Path, wanted: frozenset[str]) -> Iterator[tuple[int, Mail]]:
    with open_zip(path, names=_NAMES) as archive:
        inside = sorted(name for name in archive.members if _is_mail(name))
        if not inside:
            raise FileRefused(_NEITHER)
        for number, name in enumerate(inside, 1):
            with archive.open(name) as stream:
                # Told by number: the name of a folder may say what somebody is about.
                for mail in _of_member(name, stream, wanted):
                    mail.where = f"file {number}, {mail.where}"
                    yield archive.position(), mail


def _unpacked(file: IO[bytes], packed: int, start: bytes) -> IO[bytes]:
    if not start.startswith(b"\x1f\x8b"):
        return file
    unpacked = 0

    def count(size: int) -> None:
        nonlocal unpacked
        unpacked += size
        if unpacked > MOST_UNPACKED and unpacked > MOST_RATIO * packed:
            raise FileRefused("The archive unpacks to more than 1 GiB and ten times its size. Export fewer years.")

    return io.BufferedReader(Counted(gzip.GzipFile(fileobj=file), count), 1 << 16)


def _of_stream(stream: IO[bytes], file: IO[bytes], wanted: frozenset[str]) -> Iterator[tuple[int, Mail]]:
    start = _peek(stream, 512)
    if not start.strip():
        raise FileRefused("The file is empty. Nothing was read.")
    for mail in _of_tar(stream, wanted) if start[257:262] == b"ustar" else _of_mbox(stream, wanted):
        yield file.tell(), mail


def _peek(stream: Any, size: int) -> bytes:
    return bytes(stream.peek(size)[:size])


def _of_mbox(stream: IO[bytes], wanted: frozenset[str]) -> Iterator[Mail]:
    """A mail begins with a line “From … 12:00:00 …” after an empty one; writers of mboxes mask such lines in texts."""
    mail, after_blank = None, True
    for number, line in enumerate(_lines(stream), 1):
        if after_blank and _POSTMARK.match(line):
            if mail:
                yield mail
            mail = Mail(f"line {number}", wanted)
        elif mail:
            mail.take(line)
        elif line.strip():
            raise FileRefused(_NEITHER)
        after_blank = not line.strip()
    if mail:
        yield mail


def _of_tar(stream: IO[bytes], wanted: frozenset[str]) -> Iterator[Mail]:
    """Streamed from beginning to end; nothing is unpacked, and links and devices are not followed."""
    number = 0
    try:
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as archive:
            while member := archive.next():
                opened = archive.extractfile(member) if member.isreg() and not member.issparse() else None
                if opened and _is_mail(member.name):
                    number += 1
                    for mail in _of_member(member.name, opened, wanted):
                        mail.where = f"file {number}, {mail.where}"
                        yield mail
                # It remembers every member that it has seen; a mailbox has millions.
                archive.members.clear()  # type: ignore[attr-defined]
    except (tarfile.TarError, EOFError) as error:
        raise FileRefused(_TORN) from error
    if not number:
        raise FileRefused(_NEITHER)


class _Member(tarfile.TarInfo):
    """A member of a tar that does not ask for more memory than a name takes."""

    @classmethod
    def frombuf(cls, buf: bytes, encoding: str, errors: str) -> "_Member":
        member = super().frombuf(buf, encoding, errors)
        if member.type in _REMARKS and member.size > LONGEST_REMARK:
            raise FileRefused(_TORN)
        return member


def _is_mail(name: str) -> bool:
    return bool(_MAIL.fullmatch(name)) or name.lower().endswith(".mbox")


def _of_member(name: str, stream: IO[bytes], wanted: frozenset[str]) -> Iterator[Mail]:
    """A member of an archive is an mbox, or one mail of a maildir."""
    if name.lower().endswith(".mbox"):
        yield from _of_mbox(stream, wanted)
    else:
        yield _one(stream, "its headers", wanted)


def _one(stream: IO[bytes], where: str, wanted: frozenset[str]) -> Mail:
    mail = Mail(where, wanted)
    for line in _lines(stream):
        mail.take(line)
        if mail.is_over:
            break
    return mail


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines; of one without end only the beginning."""
    while line := stream.readline(LONGEST_LINE):
        piece = line
        while not piece.endswith(b"\n") and (piece := stream.readline(LONGEST_LINE)):
            pass
        yield line
