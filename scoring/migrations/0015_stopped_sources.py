"""A stopped source takes nothing in."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0014_going_live"), ("consent", "0027_stopped_sources")]
    operations = [tenant_sql((SQL / name).read_text(encoding="utf-8")) for name in ("sources.sql", "engine.sql", "inbox.sql")]
