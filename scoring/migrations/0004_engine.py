"""Work on many people's rows moves into engine functions."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql" / "engine.sql"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0003_first_model"), ("consent", "0006_purposes")]
    operations = [tenant_sql(SQL.read_text(encoding="utf-8"))]
