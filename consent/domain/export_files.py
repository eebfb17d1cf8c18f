"""Exported files, on disk from the end of their making to a week later. A folder for each company."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from accounts.errors import DomainError
from accounts.states import JOB_OVER
from accounts.tenants.context import current_schema
from consent.models import AccessExport, LedgerExport
from consent.states import ExportState

UNFINISHED = ".part"
# Longer than any file takes to be written.
UNFINISHED_FOR = timedelta(days=1)
KINDS = (LedgerExport, AccessExport)


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


def state_of(export: LedgerExport | AccessExport, *, at: datetime) -> ExportState:
    """What can be done with an export now."""
    if export.expires_at:
        return ExportState.READY if at < export.expires_at else ExportState.EXPIRED
    return ExportState.GIVEN_UP if export.job is None or export.job.state in JOB_OVER else ExportState.MAKING


def delete(export: UUID) -> None:
    """Delete an export's file, and what a worker is just writing for it."""
    for path in _folder().glob(f"{export}*"):
        path.unlink(missing_ok=True)


def remove_expired(*, at: datetime) -> None:
    """Delete the files whose time is over, and what workers that died left behind."""
    live = {pk for kind in KINDS for pk in kind.objects.filter(expires_at__gt=at).values_list("pk", flat=True)}
    over = AccessExport.objects.filter(withdrawn_at__gt=at - UNFINISHED_FOR, expires_at__lte=at)
    for pk in over.values_list("pk", flat=True):
        delete(pk)
    delete_all_but(live, older_than=at - UNFINISHED_FOR)


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


class FileLost(DomainError):
    """The row is there and the file is not."""

    status = 410
