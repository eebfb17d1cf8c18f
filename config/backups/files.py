"""Backups as files: a dump and its manifest, whole or not there, none older than the horizon."""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from accounts.tenants.domain.backups import STAMP, BackupRefused, backups, horizon

UNFINISHED = ".part"


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `journal_bytes` is how long the journal of those who left was when it began."""

    file: str
    made_at: str
    database: str
    schemas: list[str]
    fingerprint: str
    bytes: int
    sha256: str
    journal_bytes: int


def folder() -> Path:
    path = Path(settings.BACKUPS_DIR)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def unfinished(kind: str, *, at: datetime) -> Path:
    """Where a dump or a base is written until it is whole."""
    return folder() / f"assent-{at:{STAMP}}.{kind}{UNFINISHED}"


def keep(part: Path, *, at: datetime, database: str, schemas: list[str], fingerprint: str, journal: int) -> Manifest:
    """Give a whole dump its name, with a manifest beside it."""
    file = part.with_suffix("")
    manifest = Manifest(
        file.name, at.isoformat(), database, schemas, fingerprint, part.stat().st_size, digest_of(part), journal
    )
    # The manifest first: without its dump it is nothing, a dump without it could not be restored.
    manifest_of(file).write_text(json.dumps(asdict(manifest), indent=1) + "\n")
    part.replace(file)
    return manifest


def read(file: Path) -> Manifest:
    """Read and check what is to be restored.

    :raises BackupRefused: the file or its manifest is missing, or they do not fit
    """
    try:
        manifest = Manifest(**json.loads(manifest_of(file).read_text()))
    except (OSError, ValueError, TypeError):
        raise BackupRefused(
            f"{file} has no manifest beside it ({manifest_of(file).name}), or not one of ours."
        ) from None
    if not file.is_file() or digest_of(file) != manifest.sha256:
        raise BackupRefused(f"{file} is not what its manifest says: it is missing, cut or changed. Use another backup.")
    return manifest


def remove_old(*, at: datetime) -> list[str]:
    """Delete what is older than the horizon, and what was never finished. Returns the names of those backups."""
    gone = [copy.name for copy in backups() if copy.made_at < horizon(at=at)]
    for name in gone:
        remove(folder() / name)
        manifest_of(folder() / name).unlink(missing_ok=True)
    yesterday = (at - timedelta(days=1)).timestamp()
    for part in folder().glob(f"*{UNFINISHED}"):
        if part.stat().st_mtime < yesterday:
            remove(part)
    return gone


def remove(path: Path) -> None:
    """Delete a dump, or the folder of a base, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def manifest_of(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def digest_of(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
