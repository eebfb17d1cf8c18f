"""What backups there are. `manage.py backup` makes them, the operator's page tells of them.

Their names say how old they are: a copy whose manifest is lost is a copy all the same.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

STAMP = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"assent-(\d{8}T\d{6}Z)\.(?:dump|base)")
KEPT = "_before_"
KEPT_STAMP = "%Y%m%d%H%M%S"
PUT_ASIDE = r"SELECT datname FROM pg_database WHERE datname ~ concat('^', current_database(), %s, '\d{14}$') ORDER BY 1"


@dataclass(frozen=True, order=True)
class Copy:
    """A backup, or a database that a restore has put aside."""

    made_at: datetime
    name: str


def backups() -> list[Copy]:
    """All backups in the folder, the oldest first."""
    found = ((path.name, NAME.fullmatch(path.name)) for path in Path(settings.BACKUPS_DIR).glob("assent-*"))
    return sorted(Copy(_instant(match[1], STAMP), name) for name, match in found if match)


def put_aside() -> list[Copy]:
    """Databases that a restore has put aside, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(PUT_ASIDE, [KEPT])
        return [Copy(_instant(name.rpartition(KEPT)[2], KEPT_STAMP), name) for (name,) in cursor.fetchall()]


def horizon(*, at: datetime) -> datetime:
    """Nothing older is kept anywhere: part of the date that erased people are told."""
    return at - timedelta(days=settings.BACKUPS_KEPT_FOR_DAYS)


def name_put_aside(database: str, *, at: datetime) -> str:
    return f"{database}{KEPT}{at:{KEPT_STAMP}}"


def _instant(text: str, stamp: str) -> datetime:
    return datetime.strptime(text, stamp).replace(tzinfo=UTC)


class BackupRefused(RuntimeError):
    """A backup could not be made or restored. The text says why and what to do; nothing has changed."""
