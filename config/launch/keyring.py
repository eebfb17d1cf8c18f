"""Passwords and keys of this installation: made once, kept for its owner's eyes alone."""

import json
import os
import secrets
from pathlib import Path


class Keyring:
    """A file of generated secrets, readable by nobody else."""

    def __init__(self, path: Path):
        self.path = path

    def get(self, name: str) -> str:
        """Return the secret of this name; the first to ask has it made."""
        known = self._read()
        if name not in known:
            known[name] = secrets.token_urlsafe(32)
            self._write(known)
        return known[name]

    def knows(self, name: str) -> bool:
        return name in self._read()

    def _read(self) -> dict[str, str]:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def _write(self, known: dict[str, str]) -> None:
        # Renamed into place: a crash leaves the old file, never half of a new one.
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(known, file, indent=1)
        fresh.replace(self.path)
