"""Attacks are raw SQL as the app's own role, in every company."""

import os

import psycopg
import pytest
from django.db import connection

from accounts.tenants.context import in_schema
from consent.models import Proposal
from tests.conftest import COMPANIES
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import opened, two_approvers, wording


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
def app_connection():
    """Open further connections of the app login, standing in a company's schema and role."""
    links = []

    def connect(schema: str) -> psycopg.Connection:
        link = psycopg.connect(os.environ["DATABASE_URL"])
        link.execute(f'SET search_path = "{schema}"; SET ROLE "{link.info.dbname}__{schema}"')
        link.commit()
        links.append(link)
        return link

    yield connect
    for link in links:
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
    return opened("purpose_version", wording(), author=author)
