"""A model takes effect by the approval of two others, and nothing else makes one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
IN_FORCE = datetime(2026, 11, 1, tzinfo=UTC)
FIELDS = ["half_life_days", "minimum_colleagues", "name", "reason", "terms", "version"]
DIGEST = """
UPDATE {schema}.scoring_modelversion v SET digest = {schema}.scoring_model_digest(v.half_life_days, v.minimum_colleagues, (
    SELECT jsonb_agg(jsonb_build_object('kind', t.kind, 'weight', t.weight, 'halfway', t.halfway))
    FROM {schema}.scoring_modelterm t WHERE t.model_id = v.id));
"""


def say_who_decides(apps, schema_editor):  # noqa: ARG001
    apps.get_model("consent", "MatterRule").objects.create(
        kind="scoring_model", fields=FIELDS, about="", checked_by="scoring_model_can_follow",
        done_by="scoring_model_takes_effect",
    )
    apps.get_model("consent", "ApprovalPolicy").objects.create(
        kind="scoring_model", version=1, approvals_needed=2, decided_by=["approver", "steward"],
        expires_after=timedelta(hours=72), execution_window=timedelta(hours=24), is_current=True, in_force_at=IN_FORCE,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0024_matter_rules'),
        ('scoring', '0008_disputes'),
    ]

    operations = [
        migrations.CreateModel(
            name='ModelDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('half_life_days', models.PositiveSmallIntegerField()),
                ('minimum_colleagues', models.PositiveSmallIntegerField()),
                ('terms', models.JSONField(help_text='List of kind, weight and halfway; nothing about people.')),
                ('reason', models.TextField(help_text='Why; who decides reads it.')),
                ('edited_by', models.UUIDField()),
                ('edited_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name='modelversion',
            name='digest',
            field=models.CharField(default='', help_text='SHA-256 of its numbers: two with the same score alike.', max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='modelversion',
            name='proposal',
            field=models.UUIDField(help_text='Null for the one that came with the company.', null=True, unique=True),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='retired_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name='modelversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_current', True), ('retired_at__isnull', True)), models.Q(('is_current', False), ('retired_at__isnull', False)), _connector='OR'), name='model_retired_or_current'),
        ),
        migrations.AddIndex(
            model_name='modeldraft',
            index=models.Index(fields=['-edited_at'], name='model_draft_newest'),
        ),
        tenant_sql((SQL / "models.sql").read_text(encoding="utf-8")),
        tenant_sql(DIGEST),
        tenant_sql((SQL / "engine.sql").read_text(encoding="utf-8")),
        migrations.RunPython(say_who_decides, migrations.RunPython.noop),
    ]
