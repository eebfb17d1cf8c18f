"""Hangs the trigger of legal holds behind every table about people. Run by the owner, with the data map.

A table that names its person by a column of its own and loses rows by erasure, withdrawal or age is one of them.
"""

from django.db import connection

from consent.domain.data_map import DataKind, data_map

HANG = """
CREATE OR REPLACE TRIGGER consent_keep_held AFTER DELETE ON "{schema}"."{table}" REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".consent_keep_held('{column}')
"""
OVERWRITTEN = """
CREATE OR REPLACE TRIGGER consent_keep_overwritten AFTER UPDATE ON "{schema}".scoring_weekcount
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".consent_keep_held('person_id')
"""
HUNG = """
SELECT n.nspname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgname = 'consent_keep_held' AND n.nspname = ANY (%s) GROUP BY 1
"""


def apply(schema: str) -> None:
    """Hang the trigger wherever it belongs. A new count in the place of an old one destroys the old one too."""
    statements = [HANG.format(schema=schema, table=kind.table, column=_column(kind)) for kind in held_kinds()]
    with connection.cursor() as cursor:
        cursor.execute(";\n".join([*statements, OVERWRITTEN.format(schema=schema)]))


def differing(schemas: list[str]) -> set[str]:
    """The schemas in which another number of tables is covered than today's models say."""
    with connection.cursor() as cursor:
        cursor.execute(HUNG, [schemas])
        covered = {schema for schema, number in cursor.fetchall() if number == len(held_kinds())}
    return set(schemas) - covered


def held_kinds() -> list[DataKind]:
    return [kind for kind in data_map() if kind.on_erasure == "delete" and kind.about and "__" not in kind.about]


def _column(kind: DataKind) -> str:
    return str(kind.model._meta.get_field(kind.about).column)  # type: ignore[arg-type,union-attr]  # noqa: SLF001
