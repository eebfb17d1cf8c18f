"""SQL in a migration of a company's schema: functions and triggers that name the schema they live in."""

from django.db import migrations

from accounts.tenants.roles import engine_role


def tenant_sql(forward: str, reverse: str = "") -> migrations.RunPython:
    """Run SQL in which `{schema}` stands for the schema that is being migrated and `{engine}` for the engine's role."""
    return migrations.RunPython(_runner(forward), _runner(reverse))


def _runner(sql: str):
    def run(apps, schema_editor):  # noqa: ARG001 - the signature is Django's
        if sql:
            connection = schema_editor.connection
            engine = engine_role(connection.settings_dict["NAME"])
            # Files are run in their newest form, which may name tables that a later migration makes.
            schema_editor.execute("SET LOCAL check_function_bodies = off", params=None)
            named = sql.replace("{schema}", f'"{connection.schema_name}"').replace("{engine}", f'"{engine}"')
            schema_editor.execute(named, params=None)

    return run
