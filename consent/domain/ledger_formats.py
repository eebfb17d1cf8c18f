"""The files that entries are exported as. docs/exports.md says what stands in each."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from consent.audit.models import Entry
from consent.domain.ledger_ocsf import ocsf_event

# What makes a spreadsheet take a cell for a formula: OWASP, "CSV Injection", the full-width forms included.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CSV_COLUMNS = ("id", "at", "recorded_at", "event", "sentence", "by", "about", "payload")

Writer = Callable[[Iterable[Entry], BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file. `write` takes entries one by one and never holds them all."""

    label: str
    description: str
    suffix: str
    media_type: str
    write: Writer


def as_recorded(entry: Entry) -> dict[str, Any]:
    """An entry as plain JSON, people by opaque id."""
    return {
        "id": entry.pk,
        "at": instant(entry.at),
        "recorded_at": instant(entry.recorded_at),
        "event": entry.event,
        "by": entry.by and str(entry.by),
        "about": entry.about and str(entry.about),
        "payload": entry.payload,
    }


def canonical_json(entry: Entry) -> bytes:
    """The same entry is always the same bytes: RFC 8785 for what entries hold, which is texts and whole numbers."""
    return _one_line(as_recorded(entry))


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def write_csv(entries: Iterable[Entry], file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(CSV_COLUMNS)
    writer.writerows(_cells(entry) for entry in entries)
    text.detach()  # Closing the wrapper would close the file under it.


def write_jsonl(entries: Iterable[Entry], file: BinaryIO) -> None:
    file.writelines(canonical_json(entry) + b"\n" for entry in entries)


def write_ocsf(entries: Iterable[Entry], file: BinaryIO) -> None:
    file.writelines(_one_line(ocsf_event(entry)) + b"\n" for entry in entries)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that begins like it gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(FORMULA_BEGINS) else cell


def _cells(entry: Entry) -> list[str]:
    recorded = as_recorded(entry) | {"sentence": str(entry), "payload": _one_line(entry.payload).decode()}
    return [harmless("" if recorded[column] is None else str(recorded[column])) for column in CSV_COLUMNS]


def _one_line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode()


FORMATS: dict[str, Format] = {
    "csv": Format("CSV", "A table for spreadsheets, a line for each entry.", "csv", "text/csv", write_csv),
    "jsonl": Format("JSON Lines", "As recorded: one JSON object a line.", "jsonl", "application/jsonl", write_jsonl),
    "ocsf": Format(
        "OCSF", "Open Cybersecurity Schema Framework 1.9, for a SIEM.", "ocsf.jsonl", "application/jsonl", write_ocsf
    ),
}
