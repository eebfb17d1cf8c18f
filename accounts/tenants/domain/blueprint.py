"""The blueprint: a migrated, empty schema kept as text, so that a new company is replayed and not migrated.

Run by the owner. `pg_dump` writes it; the app role can only have it replayed (`tenants_provision`).
"""

import os
import re
import shutil
import subprocess
from datetime import datetime

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from accounts.tenants.models import Blueprint
from accounts.tenants.privileges import gated_tables
from accounts.tenants.roles import engine_role
from accounts.tenants.states import BLUEPRINT_SCHEMA

# Settings of the dump's own session: replayed, they would outlive the replay.
_SESSION_LINE = re.compile(r"^(SET \w+ = .*;|SELECT pg_catalog\.set_config\('search_path'.*;|\\.*|--.*|)$")


def fingerprints(schemas: list[str]) -> dict[str, str]:
    """Map each schema to a digest of its applied migrations; equal digests are at the same state."""
    if not schemas:
        return {}
    # Schema names come from our own table, whose pattern admits neither quotes nor spaces.
    union = " UNION ALL ".join(
        f"SELECT '{schema}', md5(coalesce(string_agg(app || '.' || name, ',' ORDER BY app, name), ''))"  # noqa: S608
        f' FROM "{schema}".django_migrations'
        for schema in schemas
    )
    with connection.cursor() as cursor:
        cursor.execute(union)
        return dict(cursor.fetchall())


def store_blueprint(*, at: datetime) -> Blueprint:
    """Dump the blueprint schema and keep it as the one that new companies are made from. Call it standing in public."""
    ddl = "\n".join(line for line in _dump(BLUEPRINT_SCHEMA).splitlines() if not _SESSION_LINE.match(line))
    # The dump grants last of all; functions become the engine's before.
    made = f"CREATE SCHEMA {BLUEPRINT_SCHEMA};"
    engine = engine_role(connection.settings_dict["NAME"])
    ddl = ddl.replace(made, f'{made}\nGRANT USAGE, CREATE ON SCHEMA {BLUEPRINT_SCHEMA} TO "{engine}";', 1)
    Blueprint.objects.exclude(pk=1).delete()
    return Blueprint.objects.update_or_create(
        pk=1,
        defaults={
            "fingerprint": fingerprints([BLUEPRINT_SCHEMA])[BLUEPRINT_SCHEMA],
            "ddl": ddl,
            "app_role": settings.DATABASE_APP_ROLE,
            "made_at": at,
        },
    )[0]


def pg_dump_program() -> str:
    """Find `pg_dump`: PG_DUMP, or the search path.

    :raises NoPgDump: there is none
    """
    program = os.environ.get("PG_DUMP") or shutil.which("pg_dump")
    if program is None:
        raise NoPgDump("`pg_dump` was not found. Install the PostgreSQL client, or set PG_DUMP to its path.")
    return program


def _dump(schema: str) -> str:
    done = subprocess.run(
        [
            pg_dump_program(),
            "--schema",
            schema,
            "--inserts",
            "--rows-per-insert=500",
            *(f"--exclude-table-data={schema}.{table}" for table in gated_tables()),
            "--dbname",
            _dsn(),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PGPASSWORD": connection.settings_dict["PASSWORD"] or ""},
    )
    if done.returncode:
        raise NoPgDump(f"`pg_dump` could not read the blueprint: {done.stderr.strip()}")
    return done.stdout


def _dsn() -> str:
    """Where this process stands, as libpq writes it; the password goes by the environment."""
    known = ("host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey")
    parameters = connection.get_connection_params()
    return make_conninfo(**{name: str(parameters[name]) for name in known if parameters.get(name)})


class NoPgDump(RuntimeError):
    """The blueprint cannot be written without a working `pg_dump` at least as new as the server."""
