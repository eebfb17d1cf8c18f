"""Close what attacks on approvals found: the functions of Article 6 anew."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("consent", "0010_alarm")]
    operations = [
        tenant_sql((SQL / "approval_deciders.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approvals.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approval_effects.sql").read_text(encoding="utf-8")),
    ]
