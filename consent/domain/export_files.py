"""Exported files, on disk from the end of their making to a week later. A folder for each company."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from accounts.tenants.context import current_schema

UNFINISHED = ".part"


def path_of(export: UUID) -> Path:
    return _folder() / str(export)


@contextmanager
def being_written(export: UUID, *, attempt: int) -> Iterator[tuple[Path, BinaryIO]]:
    """A file of its own for each attempt: a worker whose lease was taken over must not write into another's."""
    path = _folder() / f"{export}-{attempt}{UNFINISHED}"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("wb") as file:
            path.chmod(0o600)
            yield path, file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def keep(unfinished: Path, export: UUID) -> None:
    """Give a whole file its name: whoever opens that name finds all of it or nothing."""
    unfinished.replace(path_of(export))


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def delete_all_but(exports: set[UUID], *, older_than: datetime) -> None:
    """Delete what belongs to none of these exports. Young files stay: somebody may be writing them."""
    if not _folder().exists():
        return
    kept = set(map(str, exports))
    for path in _folder().iterdir():
        if path.name not in kept and path.stat().st_mtime < older_than.timestamp():
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.EXPORTS_DIR) / current_schema()
