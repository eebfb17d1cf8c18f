"""The two logins: what they may, and what they may not, asked of PostgreSQL itself."""

import os

import psycopg
import pytest

from config.launch.addresses import readdressed
from config.launch.keyring import Keyring
from config.launch.programs import DEBIAN
from config.launch.roles import CannotPrepare, prepare
from tests.postgres import SERVER_URL

DATABASE = "launch_roles"


def run(url: str, *statements: str):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def urls():
    yield prepare(SERVER_URL, database=DATABASE, fresh=True)
    _forget(SERVER_URL, DATABASE)


@pytest.fixture
def humble():
    """A login that may make roles and databases, as managed servers give it, and nothing else."""
    return _humble(SERVER_URL)


def _humble(server_url: str) -> str:
    run(
        server_url,
        "DROP ROLE IF EXISTS launch_humble",
        "CREATE ROLE launch_humble LOGIN CREATEROLE CREATEDB PASSWORD 'x'",
    )
    return readdressed(server_url, user="launch_humble", password="x")


def _forget(server_url: str, database: str) -> None:
    roles = f"SELECT rolname FROM pg_roles WHERE rolname LIKE '{database}\\_\\_%'"
    run(server_url, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    for (role,) in run(server_url, roles):
        run(server_url, f"DROP ROLE {role}")
    run(server_url, *(f"DROP ROLE IF EXISTS {database}_{which}" for which in ("app", "engine", "owner")))


def test_app_is_a_login_that_may_nothing_by_itself(urls):
    question = (
        "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit"
        " FROM pg_roles WHERE rolname = current_user"
    )
    assert run(urls.app, question) == [(True, False, False, False, False, False, False)]


def test_app_owns_nothing(urls):
    question = "SELECT count(*) FROM pg_shdepend WHERE refobjid = current_user::regrole AND deptype = 'o'"
    assert run(urls.app, question) == [(0,)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.theirs (id int)",
        "CREATE SCHEMA theirs",
        "CREATE ROLE theirs",
        f"SET ROLE {DATABASE}_owner",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
    ],
)
def test_app_is_refused(urls, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(urls.app, statement)


def test_owner_owns_the_database(urls):
    question = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert run(urls.owner, question) == [(f"{DATABASE}_owner",)]


def test_owner_lets_the_app_into_a_company(urls):
    _make_company(urls)
    assert run(
        urls.app, f"SET ROLE {DATABASE}__acme", "CREATE TEMP TABLE counted AS SELECT 1 AS n", "TABLE counted"
    ) == [(1,)]


def test_app_is_no_companys_before_it_enters_its_role(urls):
    _make_company(urls)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(urls.app, "SELECT * FROM acme.person")


def test_company_may_not_look_into_public(urls):
    _make_company(urls)
    question = f"SELECT has_schema_privilege('{DATABASE}__acme', 'public', 'USAGE')"
    assert run(urls.owner, question) == [(False,)]


def _make_company(urls):
    run(
        urls.owner,
        f"CREATE ROLE {DATABASE}__acme NOLOGIN NOINHERIT",
        "CREATE SCHEMA acme CREATE TABLE person (id int)",
        f"GRANT USAGE ON SCHEMA acme TO {DATABASE}__acme",
        f"GRANT SELECT ON acme.person TO {DATABASE}__acme",
        f"GRANT {DATABASE}__acme TO {DATABASE}_app",
    )


def test_strangers_cannot_connect(urls, humble):
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        run(readdressed(humble, dbname=DATABASE), "SELECT 1")


def test_preparing_again_changes_nothing(tmp_path, urls):
    keyring = Keyring(tmp_path / "secrets.json")
    first = prepare(SERVER_URL, database=DATABASE, keyring=keyring)
    run(first.owner, "CREATE TABLE kept AS SELECT 1 AS n")
    assert prepare(SERVER_URL, database=DATABASE, keyring=Keyring(tmp_path / "secrets.json")) == first
    assert run(first.owner, "TABLE kept") == [(1,)]


def test_passwords_are_readable_by_their_owner_alone(tmp_path, urls):
    keyring = Keyring(tmp_path / "secrets.json")
    prepare(SERVER_URL, database=DATABASE, keyring=keyring)
    assert keyring.path.stat().st_mode & 0o777 == 0o600


def test_fresh_drops_database_and_companies(urls):
    _make_company(urls)
    again = prepare(SERVER_URL, database=DATABASE, fresh=True)
    assert run(again.owner, f"SELECT count(*) FROM pg_roles WHERE rolname = '{DATABASE}__acme'") == [(0,)]
    assert run(again.owner, "SELECT to_regclass('acme.person')") == [(None,)]


def test_humble_administrator_suffices(humble):
    _prepare_humbly(SERVER_URL, humble)


@pytest.mark.slow
def test_humble_administrator_suffices_on_debians_version(monkeypatch, make_server):
    """CREATEROLE meant more before PostgreSQL 16; Debian 12 has 15."""
    oldest = min(DEBIAN.glob("*/bin/postgres"), default=None)
    if oldest is None:
        pytest.skip("Debian’s postgresql is not installed")
    monkeypatch.setenv("PG_BIN_DIR", str(oldest.parent))
    server = make_server()
    server.start()
    _prepare_humbly(server.url, _humble(server.url))


def _prepare_humbly(server_url: str, humble: str) -> None:
    _forget(server_url, DATABASE)
    urls = prepare(humble, database=DATABASE)
    _make_company(urls)
    with psycopg.connect(urls.app):  # somebody is still connected
        again = prepare(humble, database=DATABASE, fresh=True)
    _make_company(again)
    assert run(again.app, f"SET ROLE {DATABASE}__acme", "SELECT count(*) FROM acme.person") == [(0,)]
    _forget(server_url, DATABASE)
    run(server_url, "DROP ROLE launch_humble")


def test_what_an_administrator_lacks_is_said_at_once(humble):
    run(SERVER_URL, "ALTER ROLE launch_humble NOCREATEROLE NOCREATEDB")
    with pytest.raises(
        CannotPrepare, match=r"ALTER ROLE launch_humble CREATEROLE; .* ALTER ROLE launch_humble CREATEDB"
    ):
        prepare(humble, database=DATABASE)


def test_app_that_may_too_much_is_refused(urls):
    run(SERVER_URL, f"ALTER ROLE {DATABASE}_app BYPASSRLS")
    with pytest.raises(CannotPrepare, match="bypassrls"):
        prepare(SERVER_URL, database=DATABASE)


def test_database_of_somebody_else_is_left_alone(urls):
    run(SERVER_URL, f"ALTER DATABASE {DATABASE} OWNER TO CURRENT_USER")
    with pytest.raises(CannotPrepare, match="belongs to .* DATABASE_NAME"):
        prepare(SERVER_URL, database=DATABASE)


@pytest.mark.parametrize("name", ["", "Acme", "a-b", 'a"b', "a" * 22, "1a"])
def test_names_that_roles_cannot_carry_are_refused(name):
    with pytest.raises(CannotPrepare, match="cannot name the database"):
        prepare(SERVER_URL, database=name)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:p%40ss@[::1]:5433/assent?sslmode=require",
        "postgresql://ada:p%40ss@:5432/assent?host=/tmp/a/B",
        "postgresql://ada@db.example/assent",
    ],
)
def test_addresses_survive_being_rewritten(url):
    assert readdressed(url) == url


def test_tests_share_one_server():
    assert os.environ.get("TEST_SERVER_URL", SERVER_URL) == SERVER_URL
