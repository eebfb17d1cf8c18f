"""The companies of all tests, made once; the cast; a clock; and sockets that stay at home.

Tests run as the app's own login, in the companies' own roles: what PostgreSQL refuses them, it refuses the product.
"""

import os
import socket
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import settings as hypothesis_settings

from accounts.tenants.context import in_public, in_schema
from accounts.tenants.domain.provisioning import provision
from accounts.tenants.models import Company
from consent.domain.choices import Wish, take_part
from consent.domain.sources import make_source
from consent.models import PurposeVersion
from consent.states import PurposeKey, SourceKind
from tests import cleaning, postgres
from tests.factories.accounts import PersonFactory

COMPANIES = {"platform": "localhost", "acme": "acme.localhost", "globex": "globex.localhost"}
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday

# A busy machine is no failure: nothing here is timed.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@pytest.fixture(autouse=True, scope="session")
def _sockets_stay_at_home():
    """Refuse connections to any address but this machine's own."""
    real = socket.socket.connect

    def connect(self, address):
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise OSError(f"tests may not connect to {address[0]}")
        return real(self, address)

    socket.socket.connect = connect
    yield
    socket.socket.connect = real


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """Migrate as the owner, then make the companies as the app, as an operator would."""
    postgres.migrate()
    with django_db_blocker.unblock(), transaction.atomic():
        for schema, host in COMPANIES.items():
            provision(name=schema.title(), schema=schema, host=host, time_zone="UTC", at=NOW)
    cleaning.switched_on(os.environ["DATABASE_OWNER_URL"], *COMPANIES)
    yield
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """For tests whose transactions must really commit: workers, races, live servers. Cleans up as the owner."""
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        try:
            yield
        finally:
            connection.set_schema_to_public()
            connection.close()
            cleaning.empty_companies(os.environ["DATABASE_OWNER_URL"], keep=COMPANIES)


@pytest.fixture(autouse=True)
def _journal_of_its_own(settings, tmp_path):
    """The companies are emptied after each test; a journal of those who left would outlive them."""
    journal = tmp_path / "erasures.journal"
    journal.write_bytes(postgres.JOURNAL)
    settings.ERASURE_JOURNAL = str(journal)


@pytest.fixture(autouse=True)
def _leave_companies():
    """No test hands its company to the next."""
    yield
    connection.set_schema_to_public()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def owner_connection(django_db_setup):
    """The owner's own connection, for setting up what the app may not, and for looking behind the scenes."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        yield owner


@pytest.fixture
def acme(db) -> Company:
    return _company("acme")


@pytest.fixture
def globex(db) -> Company:
    return _company("globex")


@pytest.fixture
def platform(db) -> Company:
    return _company("platform")


def _company(schema: str) -> Company:
    with in_public():
        return Company.objects.select_related("host").get(schema_name=schema)


@pytest.fixture
def in_acme(acme):
    with in_schema("acme"):
        yield acme


@pytest.fixture
def bob(in_acme):
    """Same company as Alice; has granted nothing."""
    return PersonFactory(name="Bob Baker", email="bob@acme.example")


@pytest.fixture
def charlie(globex):
    """Works for another company."""
    with in_schema("globex"):
        return PersonFactory(name="Charlie Chan", email="charlie@globex.example")


@pytest.fixture
def client_for(db):
    """A browser of a signed-in person at their company's host: `client_for(alice)`, `client_for(charlie, "globex")`."""

    def make(person=None, schema: str = "acme") -> Client:
        client = Client(SERVER_NAME=COMPANIES[schema])
        if person is not None:
            with in_schema(schema):
                client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def slack(in_acme, now):
    steward = PersonFactory(name="Stella Steward", email="stella@acme.example")
    return make_source(name="Slack", kind=SourceKind.SLACK, description="Public channels.", by=steward, at=now)


@pytest.fixture
def alice(in_acme, slack, now):
    """Takes part in scoring, for Slack, from this week on."""
    person = PersonFactory(name="Alice Archer", email="alice@acme.example")
    wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(slack.pk,), is_of_age=True)
    take_part(person, wish=wish, at=now - timedelta(days=1))
    return person


def scoring_wording() -> PurposeVersion:
    return PurposeVersion.objects.current().get(purpose=PurposeKey.SCORING)
