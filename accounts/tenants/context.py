"""The one way for tasks and commands to stand in a company's schema."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.tenants.models import Company


@contextmanager
def in_schema(schema: str) -> Iterator[None]:
    """Stand in `schema` for the block and return to where we were, whatever happens.

    Evaluate querysets inside: a lazy one that leaves would run in another company.
    """
    previous = connection.tenant
    connection.set_schema(schema)
    try:
        yield
    finally:
        connection.set_tenant(previous)


def each_schema(schemas: Iterable[str]) -> Iterator[str]:
    """Stand in each of these in turn, on as many connections as it takes.

    A backend never gives back the memory of the schemas it has seen: 0.9 MB each.
    """
    for schema in schemas:
        with in_schema(schema):
            yield schema
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def in_public() -> AbstractContextManager[None]:
    """Stand where companies and the queue are kept, as the app login itself."""
    return in_schema(settings.PUBLIC_SCHEMA_NAME)


def in_platform() -> AbstractContextManager[None]:
    """Stand in the platform's own schema, where operators and their ledger live."""
    return in_schema(settings.PLATFORM_SCHEMA)


def beside(alias: str) -> BaseDatabaseWrapper:
    """Another connection, made to stand in the company where the first one stands."""
    connections[alias].set_tenant(connection.tenant)
    return connections[alias]


def current_schema() -> str:
    return connection.schema_name


def current_company_name() -> str:
    """What the current company is called."""
    schema = current_schema()
    with in_public():
        name: str = Company.objects.values_list("name", flat=True).get(schema_name=schema)
    return name


def current_time_zone() -> ZoneInfo:
    """The time zone that the current company keeps."""
    schema = current_schema()
    with in_public():
        return ZoneInfo(Company.objects.values_list("time_zone", flat=True).get(schema_name=schema))
