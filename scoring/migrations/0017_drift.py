"""A run that lies too far from the scores before it is held back."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
BOUNDS = {"stability": "0.25", "without": "0.30", "volume_least": "0.20", "volume_most": "5.0"}


def set_bounds(apps, schema_editor):  # noqa: ARG001
    apps.get_model("scoring", "DriftBounds").objects.create(**BOUNDS, reason="Where every company begins.")


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0016_bias_audits'),
    ]

    operations = [
        migrations.CreateModel(
            name='DriftBounds',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stability', models.DecimalField(decimal_places=2, help_text='Population stability index; 0.25 counts as a marked shift.', max_digits=4)),
                ('without', models.DecimalField(decimal_places=2, help_text='By how much the share without enough to go by may move.', max_digits=3)),
                ('volume_least', models.DecimalField(decimal_places=2, help_text='A source’s newest week over the mean of the four before, at least.', max_digits=3)),
                ('volume_most', models.DecimalField(decimal_places=1, help_text='The same, at most.', max_digits=4)),
                ('reason', models.TextField()),
                ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('set_by', models.UUIDField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='run',
            name='beyond',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=9), db_default=[], default=list, help_text='What of it lies beyond the bounds.', size=None),
        ),
        migrations.AddField(
            model_name='run',
            name='drift',
            field=models.JSONField(help_text='What it moved (scoring/sql/drift.sql).', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='is_held',
            field=models.BooleanField(db_default=False, default=False, help_text='Nothing of it was published.'),
        ),
        migrations.AddField(
            model_name='run',
            name='lets_through',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scoring.run'),
        ),
        migrations.AddField(
            model_name='run',
            name='reason',
            field=models.TextField(db_default='', default='', help_text='Why a steward let through what had been held back.'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('lets_through', None), models.Q(('reason', ''), _negated=True), _connector='OR'), name='run_let_through_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='driftbounds',
            constraint=models.CheckConstraint(condition=models.Q(('stability__gt', 0), ('stability__lte', 1), ('volume_least__gt', 0), ('volume_least__lt', 1), ('volume_most__gt', 1), ('volume_most__lte', 20), ('without__gt', 0), ('without__lte', 0.5)), name='drift_bounds_hold_something'),
        ),
        migrations.AddConstraint(
            model_name='driftbounds',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='drift_bounds_have_reason'),
        ),
        migrations.RunPython(set_bounds, migrations.RunPython.noop),
        *[tenant_sql((SQL / name).read_text(encoding="utf-8")) for name in ("drift.sql", "engine.sql", "audit.sql")],
    ]
