"""Triggers that keep what is open in step with what was granted and withdrawn."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql" / "open_grants.sql"


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [tenant_sql(SQL.read_text(encoding="utf-8"))]
