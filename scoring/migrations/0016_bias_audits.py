"""Bias audits of models."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0015_stopped_sources'),
    ]

    operations = [
        migrations.CreateModel(
            name='BiasAudit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.DateField(help_text='Monday of the as-of week of the scores.')),
                ('figures', models.JSONField(help_text='Groups of five people or more, as far as no smaller one can be subtracted.')),
                ('audited_at', models.DateTimeField()),
                ('audited_by', models.UUIDField(null=True)),
                ('published_at', models.DateTimeField(null=True)),
                ('published_by', models.UUIDField(null=True)),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='audits', to='scoring.modelversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('model', 'week'), name='audit_once_a_week'), models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('published_by__isnull', True)), ('published_at__isnull', False), _connector='OR'), name='audit_published_at_and_by')],
            },
        ),
        tenant_sql((SQL / "audit.sql").read_text(encoding="utf-8")),
    ]
