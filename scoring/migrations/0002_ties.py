"""Keys that tie rows about a person to that person's open grants, and parts to their score."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql" / "ties.sql"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial"), ("consent", "0002_open_grants")]
    operations = [tenant_sql(SQL.read_text(encoding="utf-8"))]
