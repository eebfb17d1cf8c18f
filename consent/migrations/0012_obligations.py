"""What is promised by a date, how long each kind may take, and the data map where PostgreSQL can read it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from pathlib import Path

from django.db import migrations, models

from accounts.tenants.operations import tenant_sql


SQL = Path(__file__).resolve().parent.parent / "sql"
POLICIES = [  # kind, days, extension, due soon, in working days
    ("erasure", 3, 27, 1, False),
    ("access_request", 30, 60, 7, False),
    ("dispute_answer", 10, 10, 3, True),
    ("hold_review", 366, 0, 14, False),
    ("retention_purge", 2, 0, 1, False),
    ("company_closure", 30, 0, 7, False),
]


def add(apps, schema_editor):  # noqa: ARG001
    policy = apps.get_model("consent", "DeadlinePolicy")
    policy.objects.bulk_create(
        policy(kind=kind, days=days, extension_days=extension, soon_days=soon, in_working_days=working)
        for kind, days, extension, soon, working in POLICIES
    )


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0011_approval_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeadlinePolicy',
            fields=[
                ('kind', models.CharField(choices=[('erasure', 'Erasure'), ('access_request', 'Access to one’s data'), ('dispute_answer', 'Answer to a dispute'), ('hold_review', 'Review of a legal hold'), ('retention_purge', 'Retention purge'), ('company_closure', 'Closing the company')], max_length=20, primary_key=True, serialize=False)),
                ('days', models.PositiveSmallIntegerField(help_text='Until the end of the last of these days.')),
                ('extension_days', models.PositiveSmallIntegerField(help_text='None can be had where this is 0.')),
                ('soon_days', models.PositiveSmallIntegerField(help_text='So long before the deadline it counts as due soon.')),
                ('in_working_days', models.BooleanField()),
            ],
            options={
                'verbose_name_plural': 'deadline policies',
            },
        ),
        migrations.CreateModel(
            name='Obligation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('erasure', 'Erasure'), ('access_request', 'Access to one’s data'), ('dispute_answer', 'Answer to a dispute'), ('hold_review', 'Review of a legal hold'), ('retention_purge', 'Retention purge'), ('company_closure', 'Closing the company')], max_length=20)),
                ('reference', models.CharField(max_length=20, unique=True)),
                ('person', models.UUIDField(help_text='Whom it is about; null for the company itself.', null=True)),
                ('thing', models.UUIDField(help_text='The erasure, hold, export or dispute that it is about.', null=True)),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('opened_by', models.UUIDField(help_text='Null for the machine.', null=True)),
                ('promised_at', models.DateTimeField(help_text='The deadline as it was when this was opened.')),
                ('soon_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('overdue_at', models.DateTimeField(help_text='When it was recorded that the deadline was missed.', null=True)),
                ('late_because', models.TextField(blank=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.UUIDField(help_text='Null for the machine.', null=True)),
                ('outcome', models.CharField(blank=True, choices=[('complete', 'complete'), ('held', 'complete but for a legal hold'), ('incomplete', 'incomplete'), ('cancelled', 'taken back')], max_length=12)),
            ],
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='MappedTable',
            fields=[
                ('table', models.CharField(max_length=63, primary_key=True, serialize=False)),
                ('person_rows', models.TextField(help_text='Which rows are about a person: a condition on $1, with %1$I for the schema. Empty: none.')),
                ('personal', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), help_text='Columns, as are the next two.', size=None)),
                ('pseudonymous', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), size=None)),
                ('neutral', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), size=None)),
                ('on_erasure', models.CharField(max_length=6)),
                ('is_gated', models.BooleanField()),
                ('keeps_for', models.DurationField(null=True)),
                ('ages_by', models.CharField(help_text='The column from which the age of a row is counted.', max_length=63)),
            ],
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('obligation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='extension', serialize=False, to='consent.obligation')),
                ('reason', models.TextField()),
                ('extended_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('extended_by', models.UUIDField()),
            ],
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['due_at'], name='obligation_unmet'),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(condition=models.Q(('done_at__isnull', False)), fields=['-done_at', 'id'], name='obligation_done'),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(fields=['person'], name='obligation_of_person'),
        ),
        migrations.AddConstraint(
            model_name='obligation',
            constraint=models.UniqueConstraint(condition=models.Q(('done_at', None)), fields=('kind', 'thing'), name='obligation_open_once'),
        ),
        migrations.AddConstraint(
            model_name='obligation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', True), ('outcome', '')), models.Q(('done_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='obligation_done_has_outcome'),
        ),
        migrations.AddConstraint(
            model_name='obligation',
            constraint=models.CheckConstraint(condition=models.Q(('done_at__isnull', False), ('done_by__isnull', True), _connector='OR'), name='obligation_done_at_and_by'),
        ),
        migrations.AddConstraint(
            model_name='obligation',
            constraint=models.CheckConstraint(condition=models.Q(('opened_at__lt', models.F('due_at')), ('promised_at__lte', models.F('due_at'))), name='obligation_clocks_in_order'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='extension_has_reason'),
        ),
        tenant_sql((SQL / "obligations.sql").read_text(encoding="utf-8")),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
