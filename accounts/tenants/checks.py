"""What start-up refuses: settings under which companies would meet."""

import psycopg
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

from accounts.tenants.models import Company
from accounts.tenants.privileges import schemas_that_differ

TENANT_KEY = "django_tenants.cache.make_key"
SHARED_ALLOWED = {"accounts.tenants", "django_tenants", "django_q"}


@register(Tags.caches)
def caches_carry_the_tenant(app_configs, **kwargs):  # noqa: ARG001
    return [
        Error(
            f"Cache {alias!r} does not put the company into its keys.",
            hint=f'Set CACHES[{alias!r}]["KEY_FUNCTION"] = "{TENANT_KEY}".',
            id="assent.E001",
        )
        for alias, cache in settings.CACHES.items()
        if cache.get("KEY_FUNCTION") != TENANT_KEY
    ]


@register(Tags.models)
def public_stays_small(app_configs, **kwargs):  # noqa: ARG001
    shared = set(settings.SHARED_APPS)
    both = shared & set(settings.TENANT_APPS)
    if shared <= SHARED_ALLOWED and not both:
        return []
    return [
        Error(
            f"These apps may not stand in the public schema: {sorted((shared - SHARED_ALLOWED) | both)}.",
            hint="People, sessions and all that companies own live in their own schemas (ADR 1).",
            id="assent.E002",
        ),
    ]


@register(Tags.database)
def no_transaction_pooler(app_configs, databases=(), **kwargs):  # noqa: ARG001
    """Two clients that change backends between transactions would read each other's company."""
    if not databases or not _changes_backends():
        return []
    return [
        Error(
            "The database is reached through a pooler in transaction mode: companies would be mixed up.",
            hint="Use session pooling, or connect directly.",
            id="assent.E003",
        ),
    ]


@register(Tags.database)
def schemas_are_as_the_models_say(app_configs, databases=(), **kwargs):  # noqa: ARG001
    """A table that the app may use otherwise than declared, or whose rows are not gated, is no place for people."""
    if not databases or not _is_prepared():
        return []
    schemas = list(Company.objects.order_by("pk").values_list("schema_name", flat=True))
    if not (differing := schemas_that_differ(schemas)):
        return []
    return [
        Error(
            f"The tables of {len(differing)} companies are not as the models declare: {', '.join(differing[:5])}.",
            hint="Run `manage.py migrate_companies` as the owner (ASSENT_AS=owner).",
            id="assent.E004",
        ),
    ]


def _is_prepared() -> bool:
    return Company._meta.db_table in connection.introspection.table_names()  # noqa: SLF001


def _changes_backends(rounds: int = 4) -> bool:
    parameters = {k: v for k, v in connection.get_connection_params().items() if k not in {"cursor_factory", "context"}}
    with psycopg.connect(**parameters) as first, psycopg.connect(**parameters) as second:
        seen = ({_backend(first)}, {_backend(second)})
        for turn in range(rounds):
            order = (first, second) if turn % 2 else (second, first)
            for client in order:
                client.commit()
            for client in reversed(order):
                seen[client is second].add(_backend(client))
    return any(len(backends) > 1 for backends in seen)


def _backend(client: psycopg.Connection) -> int:
    return client.execute("SELECT pg_backend_pid()").fetchone()[0]
