"""A missed deadline stops the scoring of the company."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_publish_figures"), ("consent", "0012_obligations")]
    operations = [tenant_sql((SQL / "deadlines.sql").read_text(encoding="utf-8"))]
