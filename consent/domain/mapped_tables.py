"""Writes the data map into PostgreSQL, so that its functions erase, purge and search by the very same declaration.

Run by the owner, with the privileges (accounts/tenants/privileges.py): in each company's schema, after its migrations.
"""

import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import CharField, ForeignKey, JSONField, Model, TextField, UUIDField

from consent.domain.canonical import digest_of
from consent.domain.data_map import DataKind, data_map

COLUMNS = (
    '"table", person_rows, personal, pseudonymous, neutral, actors, on_erasure, is_gated, keeps_for, kept_by, aged_rows'
)
WRITE = """
DELETE FROM {schema}.consent_mappedtable;
INSERT INTO {schema}.consent_mappedtable ({columns})
SELECT {columns} FROM jsonb_populate_recordset(NULL::{schema}.consent_mappedtable, %s::jsonb)
"""
# Who may not read the tables can still see by which declaration they were written.
MARK = "COMMENT ON TABLE {schema}.consent_mappedtable IS '{digest}'"
MARKS = """
SELECT n.nspname, obj_description(c.oid, 'pg_class') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = 'consent_mappedtable' AND n.nspname = ANY (%s)
"""
# The planner's statistics are samples of what people are called, and nothing would erase them.
NO_SAMPLES = 'ALTER TABLE {schema}."{table}" ALTER COLUMN "{column}" SET STATISTICS 0'


def apply(schema: str) -> None:
    """Make the schema's map say what the models say."""
    told = json.dumps(rows())
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(schema=f'"{schema}"', columns=COLUMNS), [told])
        cursor.execute(MARK.format(schema=f'"{schema}"', digest=digest_of(told)))
        for table, column in names():
            cursor.execute(NO_SAMPLES.format(schema=f'"{schema}"', table=table, column=column))


def differing(schemas: list[str]) -> set[str]:
    """The schemas whose map was written from another declaration than today's."""
    now = digest_of(json.dumps(rows()))
    with connection.cursor() as cursor:
        cursor.execute(MARKS, [schemas])
        return set(schemas) - {schema for schema, mark in cursor.fetchall() if mark == now}


def names() -> list[tuple[str, str]]:
    """Columns in which people may be named: texts that their models call personal."""
    return [
        (kind.table, str(field.column))
        for kind in data_map()
        for field in map(kind.model._meta.get_field, kind.personal)  # noqa: SLF001
        if isinstance(field, CharField | TextField | ArrayField | JSONField)
    ]


def rows() -> list[dict[str, Any]]:
    """The map as PostgreSQL keeps it: by columns, not by fields."""
    return [
        {
            "table": kind.table,
            "person_rows": _person_rows(kind.model, kind.about) if kind.about else "",
            **{role: _columns(kind, role) for role in ("personal", "pseudonymous", "neutral")},
            "actors": _actors(kind),
            "on_erasure": kind.on_erasure,
            "is_gated": kind.is_gated,
            "keeps_for": f"{kind.keeps_for.days} days" if kind.keeps_for else None,
            "kept_by": kind.kept_by,
            "aged_rows": _aged_rows(kind),
        }
        for kind in data_map()
    ]


def _columns(kind: DataKind, role: str) -> list[str]:
    fields: list[Any] = [kind.model._meta.get_field(name) for name in getattr(kind, role)]  # noqa: SLF001
    return [str(field.column) for field in fields]


def _aged_rows(kind: DataKind) -> str:
    """Rows older than $1 that nothing younger still names."""
    if not kind.ages_by:
        return ""
    named = (place.split(".") for place in kind.kept_while_named_in)
    key = kind.model._meta.pk.column  # noqa: SLF001
    unless = [
        f'NOT EXISTS (SELECT FROM %1$I."{table}" n WHERE n."{column}" = "{kind.table}"."{key}")'
        for table, column in named
    ]
    return " AND ".join([_older(kind.model, kind.ages_by), *unless])


def _older(model: type[Model], path: str) -> str:
    """Follow the fields of `path` to an instant or a day."""
    first, _, rest = path.partition("__")
    field: Any = model._meta.get_field(first)  # noqa: SLF001
    if not rest:
        return f'"{field.column}" < $1'
    inner = _older(field.related_model, rest)
    target = field.related_model._meta  # noqa: SLF001
    return f'"{field.column}" IN (SELECT "{target.pk.column}" FROM %1$I."{target.db_table}" WHERE {inner})'  # noqa: S608


def _actors(kind: DataKind) -> list[str]:
    """Columns of opaque ids that an erasure puts "somebody who was erased" into, where rows stay."""
    if kind.on_erasure == "keep":
        return []
    fields: list[Any] = [kind.model._meta.get_field(name) for name in kind.pseudonymous]  # noqa: SLF001
    goes_with_its_row = kind.about if kind.on_erasure == "delete" else ""
    return [
        str(field.column)
        for field in fields
        if isinstance(field, UUIDField) and not field.primary_key and field.name != goes_with_its_row
    ]


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
