"""The gate's functions."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql" / "gate.sql"


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_data_uses"), ("accounts", "0001_initial")]
    operations = [tenant_sql(SQL.read_text(encoding="utf-8"))]
