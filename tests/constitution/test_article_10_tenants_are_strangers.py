"""Article 10: no row, cache key, task or session crosses from one company to another."""

import pytest
from django.core.cache import cache
from django.db import ProgrammingError, connection, transaction

from accounts.tenants.context import in_public, in_schema
from accounts.tenants.kicks import LeftBehind, NoCompany, NotATask, company_task, kick, run
from tests.conftest import COMPANIES
from tests.factories.accounts import PersonFactory

TABLES = ("accounts_person", "audit_entry", "consent_grant", "scoring_weekcount", "django_session", "accounts_cache")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("other", COMPANIES)
def test_query_that_names_another_company_is_denied(schema, run_sql, table, other):
    if other == schema:
        pytest.skip("its own tables are its own")
    with pytest.raises(ProgrammingError, match="permission denied for schema"):
        run_sql(f'SELECT * FROM "{other}"."{table}"')


@pytest.mark.parametrize(
    "table", ["tenants_company", "tenants_host", "django_q_ormq", "django_q_task", "tenants_blueprint"]
)
def test_company_role_cannot_read_what_is_public(schema, run_sql, table):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run_sql(f"SELECT * FROM public.{table}")


def test_company_role_cannot_make_companies(schema, run_sql):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run_sql("SELECT public.tenants_provision('evil', 'Evil', 'evil.localhost', 'UTC', now())")


@pytest.mark.parametrize("table", ["tenants_company", "tenants_host"])
def test_app_login_cannot_add_companies_behind_provisioning(db, run_sql, table):
    with in_public(), pytest.raises(ProgrammingError, match="permission denied"):
        run_sql(f"INSERT INTO {table} DEFAULT VALUES")


def test_app_login_reads_no_company_without_entering_it(db, run_sql):
    with in_public(), pytest.raises(ProgrammingError, match="permission denied"):
        run_sql("SELECT * FROM acme.accounts_person")


def test_app_login_owns_nothing(db, run_sql):
    with in_public():
        owned = run_sql("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = session_user")
        attributes = run_sql(
            "SELECT rolsuper, rolbypassrls, rolinherit, rolcreaterole FROM pg_roles WHERE rolname = session_user"
        )
    assert (owned, attributes) == ([], [(False, False, False, False)])


def test_rows_of_one_company_are_invisible_in_another(db):
    with in_schema("acme"):
        person = PersonFactory()
    with in_schema("globex"):
        assert not type(person).objects.filter(pk=person.pk).exists()


def test_no_table_stands_in_public_and_in_a_company(db, owner_connection):
    both = owner_connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'acme') GROUP BY 1 HAVING count(*) = 2",
    ).fetchall()
    assert both == [("django_migrations",)]


def test_cache_entry_of_one_company_is_unknown_to_another(db):
    with in_schema("acme"):
        cache.set("greeting", "hello acme")
    with in_schema("globex"):
        assert cache.get("greeting") is None
    with in_schema("acme"):
        assert cache.get("greeting") == "hello acme"


def test_session_of_one_company_is_anonymous_in_another(db, client_for):
    with in_schema("acme"):
        person = PersonFactory()
    client = client_for(person)
    assert client.get("/me/account/").status_code == 200
    assert client.get("/me/account/", SERVER_NAME="globex.localhost").status_code == 302


def test_rolled_back_entry_does_not_leave_the_connection_in_the_wrong_company(db):
    with in_schema("acme"):
        with pytest.raises(ZeroDivisionError), transaction.atomic(), in_schema("globex"):
            PersonFactory()
            1 / 0  # noqa: B018
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema(), current_user")
            schema, role = cursor.fetchone()
    assert (schema, role.rpartition("__")[2]) == ("acme", "acme")


def test_kick_outside_a_company_is_refused(db):
    with in_public(), pytest.raises(NoCompany):
        kick("tests.constitution.test_article_10_tenants_are_strangers.noop")


def test_task_that_finds_a_company_left_behind_refuses(db):
    with in_schema("acme"), pytest.raises(LeftBehind):
        run("tests.constitution.test_article_10_tenants_are_strangers.noop", "acme")


def test_only_marked_functions_can_be_kicked(db):
    with pytest.raises(NotATask):
        run("os.getcwd", "acme")


@company_task
def noop():
    """Nothing."""
