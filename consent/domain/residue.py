"""Where data about somebody may lie outside the company's tables: sessions, the queue, files of ours, logs.

What lies in tables is searched by PostgreSQL itself (consent/sql/erasure.sql).
"""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from accounts.domain.sessions import sessions_of
from accounts.tenants.context import current_schema, in_public
from consent.models import Erasure

CHUNK = 1 << 20
TEXT_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'uuid')
"""


def residue_elsewhere(erasure: Erasure) -> dict[str, int]:
    """What is left of somebody outside their company's tables: {place: how often}, nothing where there is nothing."""
    places = {
        "sessions": len(sessions_of(erasure.person)),
        "files": sum(1 for _ in files_naming(erasure, [*_own_folders(), *_shared_folders()])),
        **_in_public(erasure),
    }
    return {place: number for place, number in places.items() if number}


def delete_files_naming(erasure: Erasure) -> int:
    """Delete exports and mails on disk that name the person. Uploads stay: they go when their import is over."""
    named = list(files_naming(erasure, [Path(settings.EXPORTS_DIR) / current_schema(), *_mail_folders()]))
    for path in named:
        path.unlink(missing_ok=True)
    return len(named)


def files_naming(erasure: Erasure, folders: list[Path]) -> Iterator[Path]:
    """Files below these folders that hold the person's address or opaque id, in small or capital letters."""
    needles = [needle.encode() for needle in (erasure.email.lower(), str(erasure.person)) if needle]
    for folder in folders:
        for path in folder.rglob("*") if folder.is_dir() else ():
            if path.is_file() and _holds(path, needles):
                yield path


def _holds(path: Path, needles: list[bytes]) -> bool:
    longest = max(map(len, needles))
    tail = b""
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                window = (tail + chunk).lower()
                if any(needle in window for needle in needles):
                    return True
                tail = window[-longest:]
    except FileNotFoundError:
        return False  # It went while we looked.
    return False


def _own_folders() -> list[Path]:
    return [Path(folder) / current_schema() for folder in (settings.UPLOADS_DIR, settings.EXPORTS_DIR)]


def _shared_folders() -> list[Path]:
    return [*_mail_folders(), *map(Path, settings.LOG_FOLDERS)]


def _mail_folders() -> list[Path]:
    """Mail that is kept as files instead of being sent, as in the demo."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    return [Path(folder)] if folder else []


def _in_public(erasure: Erasure) -> dict[str, int]:
    """Rows of the tables that all companies share. The app login reads them; they should name nobody at all."""
    found = {}
    needles = [f"%{needle}%" for needle in (erasure.email.lower(), str(erasure.person)) if needle]
    with in_public(), connection.cursor() as cursor:
        cursor.execute(TEXT_COLUMNS)
        for table, column in cursor.fetchall():
            if not _is_readable(cursor, table, column):
                continue
            cursor.execute(
                f'SELECT count(*) FROM "{table}" WHERE lower("{column}"::text) LIKE ANY (%s)',  # noqa: S608
                [needles],
            )
            found[f"public.{table}.{column}"] = cursor.fetchone()[0]
    return found


def _is_readable(cursor, table: str, column: str) -> bool:  # type: ignore[no-untyped-def]
    cursor.execute("SELECT has_column_privilege(%s, %s, 'SELECT')", [f'public."{table}"', column])
    return bool(cursor.fetchone()[0])
