import json
import zipfile
from datetime import date

import pytest

from scoring.connectors.door import GRANT_SHIFT, KIND_SHIFT, Admitted, Door
from scoring.states import Kind
from tests.conftest import NOW

ADA, BEN = "ada@acme.example", "ben@acme.example"
EPOCH = date(1, 1, 1)


@pytest.fixture
def make_zip(tmp_path):
    """Zip files: `make_zip({"users.json": [...]})`; what is not text or bytes is written as JSON."""

    def make(files, method=zipfile.ZIP_DEFLATED):
        path = tmp_path / "export.zip"
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, content in files.items():
                archive.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content))
        return path

    return make


class Seen:
    """What came in through a door at which ADA is grant 1 and BEN grant 2."""

    def __init__(self, connector, path, options=None):
        self._rows = []
        granted = {ADA: Admitted(1, date(2026, 6, 1)), BEN: Admitted(2, date(2026, 6, 1))}
        door = Door(granted, self._rows.extend, now=NOW)
        self.positions = list(connector.read(path, options or {}, door))
        self.receipt = door.close()

    @property
    def sightings(self):
        """(grant, kind, Monday) → number of different colleagues."""
        colleagues = {}
        for row in self._rows:
            slot, colleague = int.from_bytes(row[6:14]), row[18:26]
            kind, week = slot >> KIND_SHIFT & 15, slot & (1 << KIND_SHIFT) - 1
            key = slot >> GRANT_SHIFT, Kind(kind).name, str(date.fromordinal(EPOCH.toordinal() + 7 * week))
            colleagues.setdefault(key, set()).add(colleague)
        return {key: len(different) for key, different in colleagues.items()}

    @property
    def numbers(self):
        receipt = self.receipt
        return {
            "kept": receipt.kept, "not granted": receipt.not_granted, "private": receipt.private,
            "malformed": receipt.malformed, "left out": receipt.left_out,
        }  # fmt: skip
