"""Dumping and loading the database, as a login that sees every row."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from accounts.tenants.domain.backups import BackupRefused, put_aside
from accounts.tenants.roles import engine_role, tenant_role
from accounts.tenants.states import BLUEPRINT_SCHEMA
from config.backups.programs import run
from config.launch.addresses import readdressed

Tell = Callable[[str, int], None]
PATIENCE = 10  # seconds


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
        with self._server() as server:
            if not self._exists(server, self.name):
                return False
            # A restore that was killed may have left the door shut.
            self._on(server, self.name, "ALTER DATABASE {database} ALLOW_CONNECTIONS true")
        with psycopg.connect(self.url()) as here:
            (table,) = here.execute("SELECT to_regclass('public.tenants_company')").fetchone()
        return table is not None and bool(self.schemas())

    def dump(self, to: Path, tell: Tell) -> None:
        """Write everything into one compressed file."""
        options = ["--format=custom", "--file", str(to)]
        run("pg_dump", *options, url=self.url(), watch=lambda: tell("Dumping", _size(to)))

    def base_backup(self, to: Path, tell: Tell) -> None:
        """Copy the server's own files, all of its databases included, with the WAL that makes them whole."""
        options = ["--pgdata", str(to), "--format=tar", "--gzip", "--wal-method=stream"]
        run("pg_basebackup", *options, url=self.admin_url, watch=lambda: tell("Copying", _size(to)))

    def load_beside(self, file: Path, schemas: list[str], owner: str, app: str, tell: Tell) -> str:
        """Load a dump into a new database beside this one. Returns its name; this one is as it was."""
        beside = f"{self.name}_restoring"
        with self._server() as server:
            self._refuse_without(server, owner, app, engine_role(self.name))
            self._drop(server, beside)
            self._make_roles(server, schemas, owner, app)
            statement = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0")
            server.execute(statement.format(sql.Identifier(beside), sql.Identifier(owner)))
            self._on(server, beside, "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC")
        try:
            self._load(file, beside, tell)
        except BaseException:
            with self._server() as server:
                self._drop(server, beside)  # half a copy of people's data is left nowhere
            raise
        return beside

    def take_place(self, beside: str, app: str, kept_as: str) -> None:
        """Put the loaded database in the place of this one, which is kept under another name, closed to everybody.

        :raises BackupRefused: somebody does not let go of it; it stays where it is
        """
        with self._server() as server:
            exists = self._exists(server, self.name)
            try:
                if exists:
                    self._send_everybody_away(server)
                with server.transaction():
                    if exists:
                        self._rename(server, self.name, kept_as)
                    self._rename(server, beside, self.name)
                    self._on(server, self.name, "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}", app=app)
            except BaseException:
                if exists:
                    self._on(server, self.name, "ALTER DATABASE {database} ALLOW_CONNECTIONS true")
                self._drop(server, beside)
                raise

    def drop_put_aside(self, *, before: datetime) -> list[str]:
        """Drop databases that a restore has put aside so long ago."""
        old = [copy.name for copy in put_aside() if copy.made_at < before]
        with self._server() as server:
            for name in old:
                self._drop(server, name)
        return old

    def _load(self, file: Path, beside: str, tell: Tell) -> None:
        started = time.monotonic()
        run(
            "pg_restore", "--exit-on-error", str(file),
            url=self.url(beside), watch=lambda: tell("Loading", int(time.monotonic() - started)),
        )  # fmt: skip

    def _refuse_without(self, server: psycopg.Connection, *roles: str) -> None:
        known = "SELECT count(*) FROM pg_roles WHERE rolname = ANY (%s)"
        if server.execute(known, [list(roles)]).fetchone() != (len(roles),):
            raise BackupRefused(f"The roles {', '.join(roles)} are not on this server yet. Run `make roles` first.")

    def _make_roles(self, server: psycopg.Connection, schemas: list[str], owner: str, app: str) -> None:
        """Roles belong to the server, not to the dump. The app enters companies' roles, and no other."""
        known = {role for (role,) in server.execute("SELECT rolname FROM pg_roles")}
        entered = {tenant_role(self.name, schema) for schema in schemas}
        # By the owner, as ever: closing a company drops its role, and from PostgreSQL 16 on only its maker may.
        server.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(owner)))
        for role in {*entered, tenant_role(self.name, BLUEPRINT_SCHEMA)} - known:
            server.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(sql.Identifier(role)))
        for role in entered - known:
            server.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(app)))
        server.execute("RESET ROLE")

    def _send_everybody_away(self, server: psycopg.Connection) -> None:
        """Web and worker come back at once unless the door is shut first."""
        self._on(server, self.name, "ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        patience = time.monotonic() + PATIENCE
        here = "FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        while server.execute(f"SELECT pg_terminate_backend(pid) {here}", [self.name]).fetchone():
            if time.monotonic() > patience:
                raise BackupRefused(f"Somebody does not let go of the database {self.name}. Stop web and worker first.")
            time.sleep(0.1)

    def _exists(self, server: psycopg.Connection, name: str) -> bool:
        return server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None

    def _drop(self, server: psycopg.Connection, name: str) -> None:
        self._on(server, name, "DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def _rename(self, server: psycopg.Connection, old: str, new: str) -> None:
        self._on(server, old, "ALTER DATABASE {database} RENAME TO {new}", new=new)

    def _on(self, server: psycopg.Connection, name: str, statement: str, **names: str) -> None:
        named = {key: sql.Identifier(value) for key, value in names.items()}
        server.execute(sql.SQL(statement).format(database=sql.Identifier(name), **named))

    def _server(self) -> psycopg.Connection:
        return psycopg.connect(readdressed(self.admin_url, dbname="postgres"), autocommit=True)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
