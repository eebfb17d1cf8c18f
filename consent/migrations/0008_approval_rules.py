"""Article 6 in PostgreSQL: who decides, what decisions come to, and what takes effect."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
IN_FORCE = datetime(2026, 11, 1, tzinfo=UTC)
DECIDED_BY = {
    "purpose_version": ["approver", "steward"],
    "approval_policy": ["approver"],
    "grant_role": ["approver"],
    "people_export": ["approver"],
}


def add(apps, schema_editor):  # noqa: ARG001
    apps.get_model("consent", "Founding").objects.create(id=1)
    policy = apps.get_model("consent", "ApprovalPolicy")
    policy.objects.bulk_create(
        policy(
            kind=kind, version=1, approvals_needed=2, decided_by=roles, expires_after=timedelta(hours=72),
            execution_window=timedelta(hours=24), is_current=True, in_force_at=IN_FORCE,
        )
        for kind, roles in DECIDED_BY.items()
    )


class Migration(migrations.Migration):
    dependencies = [("consent", "0007_approvals"), ("accounts", "0004_teams")]
    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
        tenant_sql((SQL / "approval_deciders.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approvals.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approval_effects.sql").read_text(encoding="utf-8")),
    ]
