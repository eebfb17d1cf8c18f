"""An alarm of the ledger closes the gate, and ends only on the record."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("consent", "0009_ledger_pages"), ("audit", "0004_witnessing")]
    operations = [
        tenant_sql((SQL / "alarm.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "gate.sql").read_text(encoding="utf-8")),
    ]
