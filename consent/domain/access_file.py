"""A person's own file in the making: a zip, and what its README says of each file in it. No table is held whole."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from accounts.models import Person
from consent.domain.ledger_formats import harmless

ROWS_A_STEP = 500
IN_MEMORY = 1 << 16  # bytes of a member in the making; what is longer waits on the disk


@dataclass(frozen=True)
class Told:
    """One file of the zip, or two that hold the same rows as CSV and as JSON."""

    names: tuple[str, ...]
    says: str
    rows: int | None = None


@dataclass
class Chapter:
    title: str
    says: str
    files: list[Told] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    @property
    def filled(self) -> list[Told]:
        return [told for told in self.files if told.rows != 0]

    @property
    def empty(self) -> list[Told]:
        """Files that are there to show that nothing of the kind is kept."""
        return [told for told in self.files if told.rows == 0]


class AccessFile:
    """What each part of settings.ACCESS_EXPORT_PARTS writes into, a chapter at a time.

    :param newest: the newest entry of the ledger that belongs into it
    :param tell: called with the number of rows written so far and what is being written, every few rows
    """

    def __init__(
        self, archive: ZipFile, *, person: Person, newest: int, at: datetime, tell: Callable[[int, str], None]
    ):
        self.person, self.newest, self.at = person, newest, at
        self.chapters: list[Chapter] = []
        self.rows = 0
        self._archive, self._tell = archive, tell

    def begin(self, title: str, says: str, *, steps: Sequence[str] = ()) -> None:
        """Begin a chapter.

        :param steps: commands that a person can type, in their order
        """
        self.chapters.append(Chapter(title, says, steps=list(steps)))
        self._tell(self.rows, title)

    def add(self, name: str, says: str, content: str) -> None:
        self._archive.writestr(_member(name, self.at), content)
        self._file(Told((name,), says))

    def add_stream(self, name: str, says: str, content: IO[bytes]) -> None:
        with self._open(name) as member:
            shutil.copyfileobj(content, member)
        self._file(Told((name,), says))

    def add_rows(self, name: str, says: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write the same rows twice, for spreadsheets and for programs; they are read once."""
        before = self.rows
        with SpooledTemporaryFile(IN_MEMORY) as table, self._open(f"{name}.json") as member:
            text = io.TextIOWrapper(table, encoding="utf-8", newline="", write_through=True)
            writer = csv.writer(text)
            writer.writerow(columns)
            member.write(b"[")
            for number, row in enumerate(rows):
                plain = [_plain(value) for value in row]
                writer.writerow([_cell(value) for value in plain])
                told = json.dumps(dict(zip(columns, plain, strict=True)), ensure_ascii=False)
                member.write(f"{',' if number else ''}\n{told}".encode())
                self._count()
            member.write(b"\n]\n")
            member.close()
            text.detach()
            table.seek(0)
            with self._open(f"{name}.csv") as copy:
                shutil.copyfileobj(table, copy)
        self._file(Told((f"{name}.csv", f"{name}.json"), says, self.rows - before))

    def add_csv(self, name: str, says: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write rows for a program of ours to read again: nothing in them begins a formula."""
        before = self.rows
        with self._open(name) as member, io.TextIOWrapper(member, encoding="utf-8", newline="") as text:
            writer = csv.writer(text)
            writer.writerow(columns)
            for row in rows:
                writer.writerow([_cell(_plain(value)) for value in row])
                self._count()
        self._file(Told((name,), says, self.rows - before))

    def _open(self, name: str) -> IO[bytes]:
        return self._archive.open(_member(name, self.at), "w", force_zip64=True)

    def _file(self, told: Told) -> None:
        self.chapters[-1].files.append(told)

    def _count(self) -> None:
        self.rows += 1
        if self.rows % ROWS_A_STEP == 0:
            self._tell(self.rows, self.chapters[-1].title)


def _member(name: str, at: datetime) -> ZipInfo:
    member = ZipInfo(name, at.timetuple()[:6])
    member.compress_type = ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    return member


def _plain(value: Any) -> Any:
    """As JSON has it: texts, numbers, true, false, nothing, and lists and objects of these."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _cell(value: Any) -> str:
    """As a spreadsheet shows it, and never as a formula."""
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
