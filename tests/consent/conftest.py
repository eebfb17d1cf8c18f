"""A founded company: an owner, an officer who writes, and three who can decide on a wording."""

import os
from types import SimpleNamespace

import psycopg
import pytest

from accounts.states import Role
from tests.factories.accounts import PersonFactory


@pytest.fixture
def founded(in_acme):
    """Omar owns, Ottilie writes, Stella, Piet and Paula decide."""
    return SimpleNamespace(
        omar=PersonFactory(name="Omar Osman", email="omar@acme.example", roles=[Role.OWNER]),
        ottilie=PersonFactory(name="Ottilie Olsen", email="ottilie@acme.example", roles=[Role.OFFICER]),
        stella=PersonFactory(name="Stella Stone", email="stone@acme.example", roles=[Role.STEWARD]),
        piet=PersonFactory(name="Piet Peters", email="piet@acme.example", roles=[Role.APPROVER], can_sign_in=True),
        paula=PersonFactory(name="Paula Park", email="paula@acme.example", roles=[Role.APPROVER]),
    )


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Slow digests are for attackers; here they would take half of the time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def db(committed):
    """Looks are put on record by another connection, which must see the people: what these tests write is committed."""


@pytest.fixture
def app_links():
    """Open further connections of the app, standing in a company; closed at the end."""
    opened = []

    def connect(schema: str) -> psycopg.Connection:
        link = psycopg.connect(os.environ["DATABASE_URL"])
        link.execute(f'SET search_path = "{schema}"; SET ROLE "{link.info.dbname}__{schema}"')
        link.commit()
        opened.append(link)
        return link

    yield connect
    for link in opened:
        link.close()
