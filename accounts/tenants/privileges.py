"""What the app may do with each table, derived from the models and applied by the owner.

A model says it in `class Privacy: app_may = ("SELECT", "INSERT")`. Tables of libraries (sign-in, sessions,
queue) are theirs to write. Replayed as a whole after each migration, so that nothing can drift.
"""

from collections import defaultdict
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from accounts.tenants.roles import engine_role, tenant_role

LIBRARY_MAY = ("SELECT", "INSERT", "UPDATE", "DELETE")
TABLES_WITHOUT_MODEL = {"django_migrations": ("SELECT",), "accounts_cache": LIBRARY_MAY}


def privileges_of(model: type[models.Model]) -> tuple[str, ...]:
    declared = getattr(model, "Privacy", None)
    return declared.app_may if declared else LIBRARY_MAY


def declared_privileges(app_names: list[str]) -> dict[str, tuple[str, ...]]:
    """Map each table of these apps to what the app role may do with it."""
    tables = {
        model._meta.db_table: privileges_of(model)  # noqa: SLF001
        for app in apps.get_app_configs()
        if app.name in app_names
        for model in app.get_models(include_auto_created=True)
        if model._meta.managed  # noqa: SLF001
    }
    return dict(sorted(tables.items()))


def gated_tables() -> list[str]:
    """The tables whose rows are about people and can be read through the gate alone (consent/sql/gate.sql)."""
    return sorted(
        model._meta.db_table  # noqa: SLF001
        for model in apps.get_models()
        if getattr(getattr(model, "Privacy", None), "gated", False)
    )


GRANTED = """
SELECT n.nspname, c.relname, a.privilege_type
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY (%(schemas)s)
CROSS JOIN LATERAL aclexplode(c.relacl) a
JOIN pg_roles r ON r.oid = a.grantee AND r.rolname = current_database() || '__' || n.nspname
WHERE c.relkind = 'r'
"""
GATED = """
SELECT n.nspname, c.relname
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY (%(schemas)s)
WHERE c.relrowsecurity AND c.relforcerowsecurity
  AND (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname IN ('gate', 'engine')) = 2
  AND (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) = 2
"""


def schemas_that_differ(schemas: list[str]) -> list[str]:
    """Find the companies in whose schema tables may be used otherwise than the models declare, or stand ungated."""
    may = {
        (table, privilege)
        for table, privileges in (declared_privileges(settings.TENANT_APPS) | TABLES_WITHOUT_MODEL).items()
        for privilege in privileges
        if " (" not in privilege
    }
    granted, gated = _by_schema(GRANTED, schemas), _by_schema(GATED, schemas)
    expected = {(table,) for table in gated_tables()}
    told_otherwise = {schema for told in _told() for schema in told.differing(schemas)}
    return [s for s in schemas if granted[s] != may or gated[s] != expected or s in told_otherwise]


def _by_schema(question: str, schemas: list[str]) -> defaultdict[str, set[tuple[str, ...]]]:
    found: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(question, {"schemas": schemas})
        for schema, *rest in cursor.fetchall():
            found[schema].add(tuple(rest))
    return found


def apply_to_company(schema: str) -> None:
    """Give the company's role exactly what the models declare, and nothing outside its schema; gate what is gated."""
    database = connection.settings_dict["NAME"]
    tables = declared_privileges(settings.TENANT_APPS) | TABLES_WITHOUT_MODEL
    _apply(schema, tenant_role(database, schema), tables)
    _let_the_engine_work(schema, engine_role(database))
    for told in _told():
        told.apply(schema)


def _told() -> list[ModuleType]:
    """What else of the models' declarations stands in each schema: settings name the modules that write it."""
    return [import_module(name) for name in settings.TOLD_TO_COMPANIES]


def apply_to_public() -> None:
    """Give the app login what it needs of companies and the queue."""
    tables = declared_privileges(settings.SHARED_APPS) | {"django_migrations": ("SELECT",)}
    _apply(settings.PUBLIC_SCHEMA_NAME, settings.DATABASE_APP_ROLE, tables)


def _apply(schema: str, role: str, tables: dict[str, tuple[str, ...]]) -> None:
    statements = [
        f'REVOKE ALL ON SCHEMA "{schema}" FROM PUBLIC',
        f'GRANT USAGE ON SCHEMA "{schema}" TO "{role}"',
        f'REVOKE ALL ON ALL TABLES IN SCHEMA "{schema}" FROM "{role}"',
        f'REVOKE ALL ON ALL FUNCTIONS IN SCHEMA "{schema}" FROM PUBLIC',
        *(f'GRANT {", ".join(may)} ON "{schema}"."{table}" TO "{role}"' for table, may in tables.items() if may),
        *(f'GRANT EXECUTE ON FUNCTION {signature} TO "{role}"' for signature in _callable_functions(schema)),
    ]
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(statements))


def _let_the_engine_work(schema: str, engine: str) -> None:
    """Everybody’s rows for the engine, whose functions alone run as it; for all others, even the owner, the gate."""
    statements = [
        f'GRANT USAGE, CREATE ON SCHEMA "{schema}" TO "{engine}"',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{engine}"',
        f'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA "{schema}" TO "{engine}"',
        *(statement for table in gated_tables() for statement in _gate(f'"{schema}"."{table}"', schema, table, engine)),
    ]
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(statements))


def _gate(name: str, schema: str, table: str, engine: str) -> list[str]:
    is_named = f"person_id = ANY (\"{schema}\".gate_people('{table}'))"
    return [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS gate ON {name}",
        f"DROP POLICY IF EXISTS engine ON {name}",
        f"CREATE POLICY gate ON {name} USING ({is_named}) WITH CHECK ({is_named})",
        f'CREATE POLICY engine ON {name} TO "{engine}" USING (true) WITH CHECK (true)',
    ]


def _callable_functions(schema: str) -> list[str]:
    """Functions the role may call: all that are no trigger's. Each checks for itself what it does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = %s::regnamespace"
            " AND p.prorettype <> 'trigger'::regtype ORDER BY 1",
            [schema],
        )
        return [signature for (signature,) in cursor.fetchall()]
