"""The two logins of an installation: the owner, who migrates, and the app, who owns nothing.

Roles belong to a whole server, so their names carry the database's. Works for a superuser and for
a login that may only create roles and databases, on PostgreSQL 15 and on 16 and later, where
CREATEROLE means less: it reaches only the roles that one has made.
"""

import os
import re
from dataclasses import dataclass

import psycopg
from psycopg import sql

from config.launch.addresses import readdressed
from config.launch.keyring import Keyring

OLDEST_VERSION = 15
# A company's role is `<database>__<schema>`: 21 + 2 + 40 is all that PostgreSQL keeps of a name.
DATABASE_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,20}")
DANGEROUS = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication", "rolinherit")


@dataclass(frozen=True)
class Urls:
    """Where the owner and the app reach the database."""

    owner: str
    app: str


def prepare(admin_url: str, *, database: str, fresh: bool = False, keyring: Keyring | None = None) -> Urls:
    """Make the owner, the app and their database where they are missing. Changes nothing when run again.

    :param fresh: drop the database and its companies' roles first
    :param keyring: where passwords are kept; without one they are new each time
    :raises CannotPrepare: the server is too old, the login may too little, or a name is taken
    """
    if not DATABASE_PATTERN.fullmatch(database):
        raise CannotPrepare(f"“{database}” cannot name the database: 1 to 21 small letters, digits and underscores.")
    owner, app = _logins(database)
    keyring = keyring or Keyring()
    with psycopg.connect(admin_url, autocommit=True) as admin:
        _refuse_unfit(admin)
        # The owner does not inherit what the engine may: it migrates, and reads nobody's rows by the way.
        _make_login(admin, owner, "CREATEROLE NOINHERIT", keyring.get(owner))
        _make_login(admin, app, "NOCREATEROLE NOCREATEDB NOINHERIT", keyring.get(app))
        _refuse_dangerous(admin, app)
        _make_engine(admin, f"{database}_engine", owner)
        if fresh:
            _drop(admin, database)
        _make_database(admin, database, owner)
    urls = urls_of(admin_url, database=database, keyring=keyring)
    _close_to_strangers(urls.owner, database, app)
    return urls


def urls_of(admin_url: str, *, database: str, keyring: Keyring) -> Urls:
    """Where a prepared database is reached, without asking it."""
    return Urls(
        *(readdressed(admin_url, user=role, password=keyring.get(role), dbname=database) for role in _logins(database))
    )


def _logins(database: str) -> tuple[str, str]:
    return f"{database}_owner", f"{database}_app"


def _refuse_unfit(admin) -> None:
    """Say what this server or login lacks, all of it at once."""
    version = admin.info.server_version // 10000
    may_roles, may_databases = admin.execute(
        "SELECT rolsuper OR rolcreaterole, rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user",
    ).fetchone()
    login = admin.info.user
    lacks = [
        *([f"PostgreSQL is {version}, it must be {OLDEST_VERSION} or later"] if version < OLDEST_VERSION else []),
        *([] if may_roles else [f"{login} may not create roles: ALTER ROLE {login} CREATEROLE"]),
        *([] if may_databases else [f"{login} may not create databases: ALTER ROLE {login} CREATEDB"]),
    ]
    if lacks:
        raise CannotPrepare("This database server cannot be used yet. " + "; ".join(lacks) + ".")


def _make_login(admin, role: str, options: str, password: str) -> None:
    exists = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    # Only the verifier travels: the server's log may keep the statement.
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
        sql.SQL("ALTER" if exists else "CREATE"), sql.Identifier(role), sql.SQL(options), sql.Literal(verifier)
    )
    admin.execute(statement)
    if not _is_superuser(admin):  # To make, drop and close what belongs to these logins, one must be a member of them.
        admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))


def _make_engine(admin, engine: str, owner: str) -> None:
    """The role that the engine's functions run as. Nobody can log in as it; the owner may hand functions to it."""
    if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [engine]).fetchone():
        admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(sql.Identifier(engine)))
    if not admin.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [owner, engine]).fetchone()[0]:
        admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(engine), sql.Identifier(owner)))


def _refuse_dangerous(admin, role: str) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, DANGEROUS))
    question = sql.SQL("SELECT {} FROM pg_roles WHERE rolname = {}").format(columns, sql.Literal(role))
    attributes = admin.execute(question).fetchone()
    held = [name.removeprefix("rol") for name, holds in zip(DANGEROUS, attributes, strict=True) if holds]
    if held:
        raise CannotPrepare(f"The role {role} exists and may too much ({', '.join(held)}). Drop it, or take this away.")


def _drop(admin, database: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
    question = "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)"
    companies = admin.execute(question, [f"{database}__"]).fetchall()
    for (role,) in companies:
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def _make_database(admin, database: str, owner: str) -> None:
    question = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s"
    found = admin.execute(question, [database]).fetchone()
    if found is None:
        statement = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0")
        admin.execute(statement.format(sql.Identifier(database), sql.Identifier(owner)))
    elif found[0] != owner:
        raise CannotPrepare(f"The database {database} belongs to {found[0]}. Set DATABASE_NAME to another name.")


def _close_to_strangers(owner_url: str, database: str, app: str) -> None:
    # TEMPORARY stays with everybody: companies' roles count in temporary tables, and only our logins can connect.
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for statement in (
            "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO {app}",
        ):
            owner.execute(sql.SQL(statement).format(database=sql.Identifier(database), app=sql.Identifier(app)))


def _is_superuser(admin) -> bool:
    return admin.info.parameter_status("is_superuser") == "on"


class CannotPrepare(RuntimeError):
    """The database cannot be made ready. The text says what is lacking and how to mend it."""


if __name__ == "__main__":
    _urls = prepare(os.environ["DATABASE_URL"], database=os.environ.get("DATABASE_NAME", "assent"))
    print(f"DATABASE_URL={_urls.app}\nDATABASE_OWNER_URL={_urls.owner}")
