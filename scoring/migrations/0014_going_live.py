"""Nobody is scored before the company has gone live, nor after somebody switched it off."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
IN_FORCE = datetime(2026, 11, 1, tzinfo=UTC)
WHO_SCORED_GOES_ON = """
INSERT INTO {schema}.scoring_switch (is_on, reason, switched_by)
    SELECT true, 'Scoring was on before companies went live by approval.', '00000000-0000-0000-0000-000000000000'
    FROM {schema}.scoring_run LIMIT 1
"""


def say_who_decides(apps, schema_editor):  # noqa: ARG001
    apps.get_model("consent", "MatterRule").objects.create(
        kind="go_live", fields=["notice_days", "reason"], about="", checked_by="scoring_can_go_live",
        done_by="scoring_goes_live",
    )
    apps.get_model("consent", "ApprovalPolicy").objects.create(
        kind="go_live", version=1, approvals_needed=2, decided_by=["approver", "officer"],
        expires_after=timedelta(hours=72), execution_window=timedelta(hours=24), is_current=True, in_force_at=IN_FORCE,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0025_going_live'),
        ('scoring', '0013_previews'),
    ]

    operations = [
        migrations.CreateModel(
            name='Preparedness',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('notice', 'Notice to everybody'), ('consultation', 'Consultation of the representatives'), ('lawful_basis', 'Assessment of the lawful basis'), ('overseer', 'Who oversees it')], max_length=12)),
                ('text', models.TextField(help_text='What was published, said, found or decided, for everybody to read.')),
                ('overseer', models.UUIDField(help_text='Who is named, for that kind alone.', null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('recorded_by', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['kind', '-id'], name='preparedness_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='preparedness_has_text'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'overseer'), ('overseer__isnull', False)), models.Q(models.Q(('kind', 'overseer'), _negated=True), ('overseer', None)), _connector='OR'), name='preparedness_names_overseer')],
            },
        ),
        migrations.CreateModel(
            name='Switch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_on', models.BooleanField()),
                ('reason', models.TextField()),
                ('switched_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('switched_by', models.UUIDField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='switch_has_reason')],
            },
        ),
        tenant_sql(WHO_SCORED_GOES_ON),
        tenant_sql((SQL / "live.sql").read_text(encoding="utf-8")),
        migrations.RunPython(say_who_decides, migrations.RunPython.noop),
    ]
