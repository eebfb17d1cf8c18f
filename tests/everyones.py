"""Behind the scenes: everybody's rows, as the engine sees them. The product has no such door."""

import os

import environ
from django.db import connections

from accounts.tenants.context import current_schema

ALIAS = "engine"


def everyones(model):
    """All rows of a gated table in the company where the test stands, past the gate; committed at once."""
    with engine_connection().cursor() as cursor:
        cursor.execute(f'SET search_path = "{current_schema()}"')
    return model.objects.using(ALIAS)


def engine_connection():
    """Nobody can log in as the engine: the owner steps into its role."""
    if ALIAS not in connections.databases:
        owner = environ.Env.db_url_config(os.environ["DATABASE_OWNER_URL"])
        role = f"{owner['NAME']}_engine"
        connections.databases[ALIAS] = {
            **connections.databases["default"], **owner,
            "ENGINE": "django.db.backends.postgresql", "OPTIONS": {"options": f"-c role={role}"},
        }  # fmt: skip
    return connections[ALIAS]
