"""A withdrawal ends the person's own file, whoever writes it."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("consent", "0021_access_exports")]
    operations = [tenant_sql((SQL / "access_exports.sql").read_text(encoding="utf-8"))]
