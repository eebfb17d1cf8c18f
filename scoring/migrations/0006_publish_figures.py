"""Publishing figures about teams."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql" / "figures.sql"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0005_team_figures")]
    operations = [tenant_sql(SQL.read_text(encoding="utf-8"))]
