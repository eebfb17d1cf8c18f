"""Opening a CSV file whose encoding, separator and headers nobody promised."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from scoring.connectors.refusals import FileRefused

SEPARATORS = ",;\t|"
FEWEST_HEADERS = 4
LONGEST_FIELD = 1 << 17
_SAVE_AS = "In a spreadsheet, save it as “CSV UTF-8”."
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass
class Table:
    """The rows after the headers, with what csv and the codec complain of said in sentences."""

    headers: list[str]
    _reader: Any
    _file: Any

    @property
    def line(self) -> int:
        return int(self._reader.line_num)

    def bytes_read(self) -> int:
        return int(self._file.buffer.tell())

    def place(self, header: str) -> int:
        """Which column a header is.

        :raises FileRefused: none has it
        """
        if header not in self.headers:
            raise FileRefused(f"The file has no column “{header}”. Map the columns again.")
        return self.headers.index(header)

    def __iter__(self) -> Iterator[list[str]]:
        return iter(self._reader)


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """Open a CSV and read its headers.

    :raises FileRefused: also from inside the block: empty, not UTF-8, no CSV, unfit headers
    """
    _look_at_bytes(path)
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = 0
        try:
            first = file.readline(LONGEST_FIELD)
            reader = csv.reader(chain([first], file), delimiter=_separator(first))
            yield Table(_headers(reader), reader, file)
            lines = reader.line_num
        except UnicodeDecodeError as error:
            raise FileRefused(f"The file is not UTF-8, seen soon after line {lines}. {_SAVE_AS}") from error
        except csv.Error as error:
            raise FileRefused(f"The file breaks off being CSV at line {reader.line_num}: {error}.") from error


def _look_at_bytes(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise FileRefused("The file is empty. Nothing was read.")
    if start.startswith(_UTF16) or b"\x00" in start:
        raise FileRefused(f"The file is not UTF-8: it looks like UTF-16. {_SAVE_AS}")


def _separator(line: str) -> str:
    """The one that makes the most columns of the first line."""
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([line], delimiter=separator), [])))


def _headers(reader: Iterator[list[str]]) -> list[str]:
    headers = [header.strip() for header in next(reader, [])]
    if len(headers) < FEWEST_HEADERS:
        raise FileRefused(
            "The first line has fewer than four headers. It must name when, who, what and towards whom, separated by"
            " commas, semicolons or tabs."
        )
    doubled = sorted({header for header in headers if headers.count(header) > 1})
    if doubled:
        raise FileRefused(f"These headers stand more than once: {', '.join(doubled)}. Rename or remove the copies.")
    return headers
