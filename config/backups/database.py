"""Dumping and loading the database, with PostgreSQL's own programs, as a login that sees every row."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from accounts.tenants.domain.backups import BackupRefused
from accounts.tenants.domain.blueprint import pg_dump_program
from accounts.tenants.roles import engine_role, tenant_role
from config.launch.addresses import readdressed

Tell = Callable[[str, int], None]
WATCH = 0.2  # seconds


class Database:
    """One database, reached by a superuser: row security stops every other login from reading a dump's rows."""

    def __init__(self, admin_url: str, name: str):
        self.admin_url = admin_url
        self.name = name

    def url(self, name: str = "") -> str:
        return readdressed(self.admin_url, dbname=name or self.name)

    def refuse_unfit_login(self) -> None:
        with self._server() as server:
            (sees_all,) = server.execute(
                "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        if not sees_all:
            raise BackupRefused(
                "This login does not see every row. DATABASE_ADMIN_URL must be a superuser’s, as for `make roles`."
            )

    def schemas(self) -> list[str]:
        with psycopg.connect(self.url()) as here:
            return [s for (s,) in here.execute("SELECT schema_name FROM public.tenants_company ORDER BY id")]

    def fingerprint(self) -> str:
        with psycopg.connect(self.url()) as here:
            row = here.execute("SELECT fingerprint FROM public.tenants_blueprint").fetchone()
        return str(row[0]) if row else ""

    def has_companies(self) -> bool:
        try:
            return bool(self.schemas())
        except psycopg.Error:
            return False

    def dump(self, to: Path, tell: Tell) -> None:
        """Write everything into one compressed file."""
        command = [pg_dump_program(), "--format=custom", "--file", str(to), "--dbname", self.url()]
        _run(command, lambda: tell("Dumping", to.stat().st_size if to.exists() else 0))

    def base_backup(self, to: Path, tell: Tell) -> None:
        """Copy the server's own files, all of its databases included, with the WAL that makes them whole."""
        command = [_program("pg_basebackup"), "--pgdata", str(to), "--format=tar", "--gzip", "--wal-method=stream"]
        _run([*command, "--dbname", self.admin_url], lambda: tell("Copying", _size(to)))

    def load_beside(self, file: Path, schemas: list[str], owner: str, app: str, tell: Tell) -> str:
        """Load a dump into a new database beside this one. Returns its name; this one is as it was."""
        beside = f"{self.name}_restoring"
        with self._server() as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(beside)))
            self._make_roles(server, schemas, app)
            statement = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0")
            server.execute(statement.format(sql.Identifier(beside), sql.Identifier(owner)))
        started = time.monotonic()
        command = [_program("pg_restore"), "--exit-on-error", "--dbname", self.url(beside), str(file)]
        _run(command, lambda: tell("Loading", int(time.monotonic() - started)))
        return beside

    def take_place(self, beside: str, app: str, kept_as: str) -> None:
        """Put the loaded database in the place of this one, which is kept under another name."""
        with self._server() as server:
            self._end_connections(server)
            exists = server.execute("SELECT FROM pg_database WHERE datname = %s", [self.name]).fetchone()
            if exists is not None:
                self._rename(server, self.name, kept_as)
            self._rename(server, beside, self.name)
            for statement in (
                "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC",
                "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",
            ):
                server.execute(sql.SQL(statement).format(database=sql.Identifier(self.name), app=sql.Identifier(app)))

    def _make_roles(self, server: psycopg.Connection, schemas: list[str], app: str) -> None:
        """Companies' roles belong to the server, not to the dump."""
        for role in [engine_role(self.name), *(tenant_role(self.name, schema) for schema in schemas)]:
            if server.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
                server.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(sql.Identifier(role)))
            if role != engine_role(self.name):
                server.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(app)))

    def _end_connections(self, server: psycopg.Connection) -> None:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [self.name],
        )

    def _rename(self, server: psycopg.Connection, old: str, new: str) -> None:
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))

    def _server(self) -> psycopg.Connection:
        return psycopg.connect(readdressed(self.admin_url, dbname="postgres"), autocommit=True)


def _run(command: list[str], watch: Callable[[], None]) -> None:
    """Run a program of PostgreSQL to its end; what it complains of becomes a sentence."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            watch()
            time.sleep(WATCH)
        complaint = process.stderr.read().strip() if process.stderr else ""
    if process.returncode:
        last = complaint.splitlines()[-1] if complaint else f"it ended with {process.returncode}"
        raise BackupRefused(f"{Path(command[0]).name} failed: {last}")


def _program(name: str) -> str:
    """Beside pg_dump, wherever that is."""
    found = Path(pg_dump_program()).with_name(name)
    if not os.access(found, os.X_OK):
        raise BackupRefused(f"`{name}` was not found beside {pg_dump_program()}. Install the PostgreSQL client.")
    return str(found)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0
