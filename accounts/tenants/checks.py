"""What start-up refuses: settings under which companies would meet."""

import psycopg
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

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
