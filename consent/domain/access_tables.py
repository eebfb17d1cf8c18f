"""Every row that the data map knows about a person, table by table: the last chapter of their own file."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Field

from accounts.models import Person
from consent.domain.access_file import ROWS_A_STEP, AccessFile
from consent.domain.data_map import DataKind, data_map

READABLE = """
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
  AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'SELECT')
"""
SAYS = (
    "Each table of ours that can hold something about you, as it was when this file was made: as a table for"
    " spreadsheets, and as JSON for programs. Columns that end in “_in_words” are ours, to make numbers readable."
)


def add_tables(file: AccessFile) -> None:
    """Write each table that says whom it is about: its rows about this person, and nobody else's."""
    readable = _readable()
    file.begin("Everything, table by table", SAYS)
    for kind in data_map():
        if kind.about:
            _add(file, kind, _fields(kind, readable))


def withheld() -> list[tuple[DataKind, str, str]]:
    """What is kept about people and yet not in their file, with the reason: (kind, field, why)."""
    return [(kind, name, why) for kind in data_map() for name, why in sorted(kind.withheld.items())]


def _add(file: AccessFile, kind: DataKind, fields: list["Field[Any, Any]"]) -> None:
    columns = [str(one.column) for one in fields] + [f"{one.column}_in_words" for one in fields if one.choices]
    file.add_rows(f"data/{kind.table}", kind.holds, columns, _rows(kind, fields, file.person))


def _rows(kind: DataKind, fields: list["Field[Any, Any]"], person: Person) -> Iterator[list[Any]]:
    """Row by row through a server-side cursor: a large table takes no more memory than a small one."""
    names = [one.attname for one in fields]
    words = [(place, dict(one.flatchoices)) for place, one in enumerate(fields) if one.choices]
    rows = kind.model._default_manager.filter(**{f"{kind.about}": person.pk}).order_by("pk")  # noqa: SLF001
    for row in rows.values_list(*names).iterator(ROWS_A_STEP):
        yield [*row, *(str(said.get(row[place], "")) for place, said in words)]


def _fields(kind: DataKind, readable: set[tuple[str, str]]) -> list["Field[Any, Any]"]:
    """The columns that the app may read at all, without those that are withheld."""
    fields: list[Any] = [one for one in kind.model._meta.local_fields if one.column]  # noqa: SLF001
    return [one for one in fields if (kind.table, one.column) in readable and one.name not in kind.withheld]


def _readable() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(READABLE)
        return set(cursor.fetchall())
