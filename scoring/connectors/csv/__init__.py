"""A CSV file of interactions: who did what towards whom, and when."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from scoring.connectors.door import KINDS, Door, day_of
from scoring.connectors.refusals import FileRefused
from scoring.states import Act

COLUMNS = ("occurred_at", "actor", "kind", "target")
LEFT_OUT = ""
PREVIEW_ROWS = 20
ROWS_SEARCHED_FOR_KINDS = 200_000
ROWS_A_STEP = 50_000
MOST_KINDS = 200
MOST_DAYS_KEPT = 100_000

_GUESSED_COLUMNS = {
    "occurred_at": {"occurred_at", "at", "ts", "time", "timestamp", "date", "datetime", "created_at", "when"},
    "actor": {"actor_email", "actor", "from", "sender", "sender_email", "author", "user", "who"},
    "kind": {"kind", "type", "action", "event", "what"},
    "target": {"target_email", "target", "to", "recipient", "recipient_email", "whom"},
}
_GUESSED_ACTS = {
    Act.ANSWERED: {"answered", "answer", "reply", "replied", "message_to", "response", "commented"},
    Act.REVIEWED: {"reviewed", "review", "reviewed-by", "acked-by", "tested-by", "approved", "acked", "tested"},
    Act.MENTIONED: {"mentioned", "mention", "message_cc"},
    Act.REACTED: {"reacted", "reaction", "like", "liked", "thanked"},
}


@dataclass(frozen=True)
class Preview:
    """What stands at the top of the file, and what we would guess of it."""

    headers: list[str]
    rows: list[list[str]]
    kinds: list[str]
    columns: dict[str, str]
    acts: dict[str, str]


def preview(path: Path) -> Preview:
    """Read the first rows and find the kinds that occur.

    :raises FileRefused: empty, not UTF-8, duplicate or too few headers
    """
    with _open(path) as file:
        reader, headers = _reader(file)
        columns = {column: _guess(headers, _GUESSED_COLUMNS[column]) for column in COLUMNS}
        place = headers.index(columns["kind"]) if columns["kind"] else None
        rows, kinds = [], {}
        for number, row in enumerate(_rows(reader)):
            if number < PREVIEW_ROWS:
                rows.append(row)
            if place is not None and len(row) > place and len(kinds) < MOST_KINDS:
                kinds.setdefault(row[place])
            if number >= ROWS_SEARCHED_FOR_KINDS:
                break
    if not rows:
        raise FileRefused("The file has headers but no rows. Nothing was read.")
    return Preview(headers, rows, list(kinds), columns, {kind: guess_act(kind) for kind in kinds})


def inspect(path: Path) -> None:
    """Look whether this is a CSV of interactions at all.

    :raises FileRefused: as `preview`
    """
    preview(path)


def guess_act(kind: str) -> str:
    """The act that a kind of the file most likely means, or LEFT_OUT."""
    return next((act.value for act, words in _GUESSED_ACTS.items() if kind.strip().lower() in words), LEFT_OUT)


def read(path: Path, options: dict[str, Any], door: Door) -> Iterator[int]:
    """Stream the file through the door; yields the bytes read so far.

    :param options: `columns`: COLUMNS → header; `acts`: kind as written → act, or LEFT_OUT
    """
    acts = {kind: KINDS[Act(act)] for kind, act in options["acts"].items() if act}
    with _open(path) as file:
        reader, headers = _reader(file)
        pick = itemgetter(*(_place(headers, options["columns"][column]) for column in COLUMNS))
        days: dict[str, int | str] = {}
        for row in _rows(reader):
            _take(row, pick, acts, days, door, reader)
            if reader.line_num % ROWS_A_STEP == 0:
                door.flush(at_least=0)
                if len(days) > MOST_DAYS_KEPT:
                    days.clear()
                yield file.buffer.tell()
    yield path.stat().st_size


def _take(row, pick, acts, days, door, reader) -> None:
    try:
        when, actor, kind, target = pick(row)
    except IndexError:
        if row:
            door.refuse(f"line {reader.line_num}", "The row has fewer columns than the header.")
        return
    # The UTC day follows from the first ten characters when nothing but a time in UTC or without zone comes after.
    key = when[:10] if len(when) in _PLAIN_LENGTHS and (when[-1] == "Z" or len(when) < 20) else when
    ordinal = days.get(key)
    if ordinal is None:
        ordinal = days[key] = _ordinal(when, door)
    if ordinal.__class__ is str:
        door.refuse(f"line {reader.line_num}", ordinal)
        return
    if not actor or not target:
        if kind in acts:
            door.refuse(f"line {reader.line_num}", "An address is missing.")
        else:
            door.receipt.left_out += 1
        return
    door.see_day(ordinal)
    pair = acts.get(kind)
    if pair is None:
        door.receipt.left_out += 1
        return
    door.meet_fast(actor, pair[0], pair[1], target, ordinal)


_PLAIN_LENGTHS = {10, 19, 20}  # 2026-11-18, 2026-11-18T12:00:00, 2026-11-18T12:00:00Z


def _ordinal(when: str, door: Door) -> int | str:
    day = day_of(when)
    if day is None:
        return "The date is neither ISO 8601 (2026-11-18T12:00:00Z) nor Unix seconds."
    return door.day_fault(day) or day.toordinal()


def _open(path: Path) -> IO[str]:
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise FileRefused("The file is empty.")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start:
        raise FileRefused("The file is not UTF-8 (it looks like UTF-16). In a spreadsheet, save it as “CSV UTF-8”.")
    return path.open(encoding="utf-8-sig", newline="")


def _reader(file: IO[str]):
    sample = _sample(file)
    try:
        dialect = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    file.seek(0)
    reader = csv.reader(file, delimiter=dialect.delimiter, quotechar='"')
    headers = [header.strip() for header in next(reader, [])]
    if len(headers) < len(COLUMNS):
        raise FileRefused(
            "The first line has fewer than four headers. Name the instant, the actor, the kind and the target."
        )
    doubled = sorted({header for header in headers if headers.count(header) > 1})
    if doubled:
        raise FileRefused(f"These headers stand more than once: {', '.join(doubled)}. Rename or remove the copies.")
    return reader, headers


def _sample(file: IO[str]) -> str:
    try:
        return file.readline(64_000)
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from error


def _rows(reader) -> Iterator[list[str]]:
    """The rows, with what csv and the codec complain of said in sentences."""
    csv.field_size_limit(1 << 20)
    try:
        yield from reader
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from error
    except csv.Error as error:
        raise FileRefused(f"The file breaks off being CSV at line {reader.line_num}: {error}.") from error


def _not_utf8(error: UnicodeDecodeError) -> FileRefused:
    return FileRefused(
        f"The file is not UTF-8 (byte {error.start} of a block). In a spreadsheet, save it as “CSV UTF-8”."
    )


def _guess(headers: list[str], names: set[str]) -> str:
    return next((header for header in headers if header.strip().lower() in names), "")


def _place(headers: list[str], header: str) -> int:
    if header not in headers:
        raise FileRefused(f"The file has no column “{header}”. Map the columns again.")
    return headers.index(header)
