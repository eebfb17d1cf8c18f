"""Writes the data map into PostgreSQL, so that its functions erase, purge and search by the very same declaration.

Run by the owner, with the privileges (accounts/tenants/privileges.py): in each company's schema, after its migrations.
"""

import json
from typing import Any

from django.db import connection
from django.db.models import ForeignKey, Model

from consent.domain.data_map import DataKind, data_map

COLUMNS = '"table", person_rows, personal, pseudonymous, neutral, on_erasure, is_gated, keeps_for, ages_by'
WRITE = """
DELETE FROM {schema}.consent_mappedtable;
INSERT INTO {schema}.consent_mappedtable ({columns})
SELECT {columns} FROM jsonb_populate_recordset(NULL::{schema}.consent_mappedtable, %s::jsonb)
"""
DIFFERS = """
SELECT EXISTS (
    (SELECT {columns} FROM {schema}.consent_mappedtable EXCEPT
     SELECT {columns} FROM jsonb_populate_recordset(NULL::{schema}.consent_mappedtable, %(rows)s::jsonb))
    UNION ALL
    (SELECT {columns} FROM jsonb_populate_recordset(NULL::{schema}.consent_mappedtable, %(rows)s::jsonb) EXCEPT
     SELECT {columns} FROM {schema}.consent_mappedtable))
"""


def apply(schema: str) -> None:
    """Make the schema's map say what the models say."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(schema=f'"{schema}"', columns=COLUMNS), [json.dumps(rows())])


def differs(schema: str) -> bool:
    """Whether the schema's map says anything else than the models."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERS.format(schema=f'"{schema}"', columns=COLUMNS), {"rows": json.dumps(rows())})
        return bool(cursor.fetchone()[0])


def rows() -> list[dict[str, Any]]:
    """The map as PostgreSQL keeps it: by columns, not by fields."""
    return [
        {
            "table": kind.table,
            "person_rows": _person_rows(kind.model, kind.about) if kind.about else "",
            **{role: _columns(kind, role) for role in ("personal", "pseudonymous", "neutral")},
            "on_erasure": kind.on_erasure,
            "is_gated": kind.is_gated,
            "keeps_for": f"{kind.keeps_for.days} days" if kind.keeps_for else None,
            "ages_by": kind.ages_by,
        }
        for kind in data_map()
    ]


def _columns(kind: DataKind, role: str) -> list[str]:
    fields: list[Any] = [kind.model._meta.get_field(name) for name in getattr(kind, role)]  # noqa: SLF001
    return [field.column for field in fields]


def _person_rows(model: type[Model], about: str) -> str:
    """Follow the fields of `about` to the person: a condition on $1, with %1$I for the schema."""
    first, _, rest = about.partition("__")
    field: Any = model._meta.get_field(first)  # noqa: SLF001
    if not rest:
        return f'"{field.column}" = $1'
    assert isinstance(field, ForeignKey)  # noqa: S101 - the declaration is ours; a guard test reads all of it
    other: Any = field.related_model
    inner = _person_rows(other, rest)
    chosen = f'SELECT "{field.target_field.column}" FROM %1$I."{other._meta.db_table}" WHERE {inner}'  # noqa: S608, SLF001
    return f'"{field.column}" IN ({chosen})'
