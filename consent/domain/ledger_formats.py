"""The files that entries are exported as. docs/exports.md says what stands in each."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

from consent.audit.domain.bundles import write_bundle
from consent.audit.domain.sealing import as_recorded, canonical, seal_now
from consent.audit.models import Entry
from consent.domain.ledger_ocsf import ocsf_event
from consent.domain.ledger_search import Found

# What makes a spreadsheet take a cell for a formula: OWASP, "CSV Injection", the full-width forms included.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CSV_COLUMNS = ("id", "at", "recorded_at", "event", "sentence", "by", "about", "payload")

Writer = Callable[[Found, BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file. `write` takes entries one by one and never holds them all."""

    label: str
    description: str
    suffix: str
    media_type: str
    write: Writer


def write_csv(entries: Iterable[Entry], file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(CSV_COLUMNS)
    writer.writerows(_cells(entry) for entry in entries)
    text.detach()  # Closing the wrapper would close the file under it.


def write_jsonl(entries: Iterable[Entry], file: BinaryIO) -> None:
    file.writelines(canonical(entry) + b"\n" for entry in entries)


def write_ocsf(entries: Iterable[Entry], file: BinaryIO) -> None:
    file.writelines(_one_line(ocsf_event(entry)) + b"\n" for entry in entries)


def write_proof_bundle(found: Found, file: BinaryIO) -> None:
    """A zip that proves itself (consent/audit/domain/bundles.py). What still waits to be sealed is sealed first."""
    seal_now(found.rows, at=found.at)
    found.tell(write_bundle(found.rows, file, query=found.query, at=found.at, progress=found.tell))


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
    "proof": Format(
        "Proof bundle",
        "As recorded, with what proves on any machine that nothing was changed: check it with verify.py.",
        "zip",
        "application/zip",
        write_proof_bundle,
    ),
}
