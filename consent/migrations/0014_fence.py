"""After a restore nothing is read until those who left since have left again."""

from pathlib import Path

from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
# Where companies stand now is where they are up to date.
SETTLE = """
INSERT INTO {schema}.consent_fence (id, mark, lowered_at) VALUES (1, {schema}.consent_place(), clock_timestamp())
"""


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0013_erasure'),
    ]

    operations = [
        migrations.CreateModel(
            name='Unjournaled',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.UUIDField()),
                ('line', models.JSONField()),
            ],
            options={
                'verbose_name_plural': 'unjournaled',
            },
        ),
        migrations.CreateModel(
            name='Fence',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('mark', models.TextField(help_text='Cluster, timeline, database and table, as PostgreSQL numbers them.')),
                ('lowered_at', models.DateTimeField()),
                ('raised_at', models.DateTimeField(help_text='When the journal was seen to know more than the database.', null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='fence_is_one_row')],
            },
        ),
        migrations.CreateModel(
            name='JournalMark',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('position', models.BigIntegerField(default=0)),
                ('digest', models.CharField(default='', max_length=64)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='journal_mark_is_one_row')],
            },
        ),
        tenant_sql((SQL / "fence.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "gate.sql").read_text(encoding="utf-8")),
        tenant_sql(SETTLE),
    ]
