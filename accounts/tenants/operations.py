"""SQL in a migration of a company's schema: functions and triggers that name the schema they live in."""

from django.db import migrations


def tenant_sql(forward: str, reverse: str = "") -> migrations.RunPython:
    """Run SQL in which `{schema}` stands for the schema that is being migrated."""
    return migrations.RunPython(_runner(forward), _runner(reverse))


def _runner(sql: str):
    def run(apps, schema_editor):  # noqa: ARG001 - the signature is Django's
        if sql:
            schema_editor.execute(sql.replace("{schema}", f'"{schema_editor.connection.schema_name}"'), params=None)

    return run
