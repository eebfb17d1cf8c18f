"""The one way for tasks and commands to stand in a company's schema."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

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


def in_public() -> AbstractContextManager[None]:
    """Stand where companies and the queue are kept, as the app login itself."""
    return in_schema(settings.PUBLIC_SCHEMA_NAME)


def in_platform() -> AbstractContextManager[None]:
    """Stand in the platform's own schema, where operators and their ledger live."""
    return in_schema(settings.PLATFORM_SCHEMA)


def current_schema() -> str:
    return connection.schema_name


def current_time_zone() -> ZoneInfo:
    """The time zone that the current company keeps."""
    schema = current_schema()
    with in_public():
        return ZoneInfo(Company.objects.values_list("time_zone", flat=True).get(schema_name=schema))
