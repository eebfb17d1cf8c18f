"""Closing a company: two of its own people approve it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
IN_FORCE = datetime(2026, 11, 1, tzinfo=UTC)


def add(apps, schema_editor):  # noqa: ARG001
    apps.get_model("consent", "ApprovalPolicy").objects.create(
        kind="close_company", version=1, approvals_needed=2, decided_by=["approver", "officer"],
        expires_after=timedelta(hours=72), execution_window=timedelta(hours=24), is_current=True, in_force_at=IN_FORCE,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0019_deadlines_bounded'),
    ]

    operations = [
        migrations.AlterField(
            model_name='approvalpolicy',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('legal_hold', 'Legal hold'), ('close_company', 'Closing the company'), ('accept_remainder', 'Ending an erasure as incomplete')], max_length=20),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('legal_hold', 'Legal hold'), ('close_company', 'Closing the company'), ('accept_remainder', 'Ending an erasure as incomplete')], max_length=20),
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
        tenant_sql((SQL / "approvals.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approval_effects.sql").read_text(encoding="utf-8")),
    ]
