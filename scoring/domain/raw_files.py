"""Uploaded files, on disk from their upload to their reading, and not a moment longer.

They name people who never agreed to anything, so no table knows more of them than size and digest.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from accounts.errors import DomainError
from accounts.tenants.context import current_schema
from scoring.connectors.slack import beside

# A list of ids and addresses: a line for each member.
MOST_BESIDE_BYTES = 16 * 1024**2


def path_of(upload: UUID) -> Path:
    """Where a raw file lies: in a folder of the company's own."""
    return _folder() / str(upload)


@contextmanager
def kept(upload: UUID, chunks: Iterable[bytes], addresses: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """Store a file, and a list of addresses beside it; gives size and SHA-256. Deleted again if the block fails.

    :raises FileTooLarge: more than settings.UPLOAD_MAX_BYTES
    """
    try:
        size_and_digest = _store(path_of(upload), chunks, settings.UPLOAD_MAX_BYTES)
        _store_beside(upload, addresses)
        yield size_and_digest
    except BaseException:
        delete(upload)
        raise


def delete(upload: UUID) -> None:
    """Delete a raw file and what lies beside it."""
    for path in (path_of(upload), beside(path_of(upload))):
        path.unlink(missing_ok=True)


def uploads_older_than(instant: datetime) -> set[UUID]:
    """What lies here since before an instant."""
    if not _folder().exists():
        return set()
    return {UUID(path.stem) for path in _folder().iterdir() if path.stat().st_mtime < instant.timestamp()}


def _folder() -> Path:
    return Path(settings.UPLOADS_DIR) / current_schema()


def _store_beside(upload: UUID, addresses: Iterable[bytes]) -> None:
    path = beside(path_of(upload))
    _store(path, addresses, MOST_BESIDE_BYTES)
    if not path.stat().st_size:
        path.unlink()


def _store(path: Path, chunks: Iterable[bytes], most: int) -> tuple[int, str]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise FileTooLarge(f"The file is larger than {most // 1024**2:,} MiB. Export smaller date ranges.")
            digest.update(chunk)
            file.write(chunk)
    return size, digest.hexdigest()


class FileTooLarge(DomainError):
    """The file exceeds what is taken."""

    status = 413
