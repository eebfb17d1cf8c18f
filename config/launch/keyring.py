"""Passwords and keys of this installation: made once, kept for its owner's eyes alone."""

import json
import os
import secrets
from pathlib import Path


class Keyring:
    """Generated secrets, in a file that nobody else can read; without a path, in memory alone."""

    def __init__(self, path: Path | None = None):
        self.path = path
        self._known = json.loads(path.read_text()) if path and path.exists() else {}

    def get(self, name: str) -> str:
        """Return the secret of this name; the first to ask has it made."""
        if name not in self._known:
            self._known[name] = secrets.token_urlsafe(32)
            if self.path:
                self._write(self.path)
        return self._known[name]

    def forget(self) -> None:
        """Forget all secrets, here and in the file: the next to ask gets new ones."""
        self._known = {}
        if self.path:
            self.path.unlink(missing_ok=True)

    def _write(self, path: Path) -> None:
        # Renamed into place: a crash leaves the old file, never half of a new one.
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self._known, file, indent=1)
        fresh.replace(path)
