"""Attacks are raw SQL as the app's own role, in every company."""

import os

import psycopg
import pytest
from django.db import connection

from accounts.states import Role
from accounts.tenants.context import current_schema, in_schema
from consent.models import Proposal
from consent.states import ObligationKind
from tests.browsing import client_for  # noqa: F401
from tests.conftest import COMPANIES
from tests.everyones import engine_connection
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import opened as opened_proposal
from tests.factories.approvals import two_approvers, wording
from tests.factories.consent import promised


@pytest.fixture
def db(committed):
    """What looks at rows about people needs a receipt, which another connection writes: everything is committed."""


@pytest.fixture(params=COMPANIES)
def schema(request, db):
    """Stand in each company in turn."""
    with in_schema(request.param):
        yield request.param


@pytest.fixture
def run_sql():
    """Send raw SQL on the app's connection; rows come back as tuples."""

    def run(sql, *values):
        with connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    return run


@pytest.fixture
def engine_sql():
    """Send raw SQL as the engine, whose functions alone write counts and scores. The app could not."""

    def run(sql, *values):
        with engine_connection().cursor() as cursor:
            cursor.execute(f'SET search_path = "{current_schema()}"')
            cursor.execute(sql, values)

    return run


@pytest.fixture
def app_connection(links):
    """Open further connections of the app login, standing in a company's schema and role."""
    return lambda schema: links("DATABASE_URL", schema, f"_{schema}")


@pytest.fixture
def engine_link(links):
    """The same for the engine, into whose role the owner steps."""
    return lambda schema: links("DATABASE_OWNER_URL", schema, "engine")


@pytest.fixture
def links():
    opened = []

    def connect(login: str, schema: str, role: str) -> psycopg.Connection:
        link = psycopg.connect(os.environ[login])
        link.execute(f'SET search_path = "{schema}"; SET ROLE "{link.info.dbname}_{role}"')
        link.commit()
        opened.append(link)
        return link

    yield connect
    for link in opened:
        link.close()


@pytest.fixture
def approvers(schema):
    """The two who can decide, in each company."""
    return two_approvers()


@pytest.fixture
def author(schema):
    return PersonFactory()


@pytest.fixture
def proposal(approvers, author) -> Proposal:
    return opened_proposal("purpose_version", wording(), author=author)


@pytest.fixture
def officer(schema):
    return PersonFactory(roles=[Role.OFFICER])


@pytest.fixture
def erasure(schema):
    return promised(ObligationKind.ERASURE)


@pytest.fixture
def let_pass(owner_connection, schema):
    """Let a deadline pass as time would have it: the app cannot do this."""

    def pass_by(obligation):
        owner_connection.execute(
            f"UPDATE \"{schema}\".consent_obligation SET opened_at = now() - interval '9 days',"
            " promised_at = now() - interval '1 minute', due_at = now() - interval '1 minute' WHERE id = %s",
            [obligation.pk],
        )
        return obligation

    return pass_by


@pytest.fixture
def overdue(erasure, let_pass):
    return let_pass(erasure)
