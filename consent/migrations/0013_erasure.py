"""Leaving for good: erasures, who outside keeps what, and addresses that stay away."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
IN_FORCE = datetime(2026, 11, 1, tzinfo=UTC)


def add(apps, schema_editor):  # noqa: ARG001
    apps.get_model("consent", "Processor").objects.create(
        name="Mail server", gets="The address and the text of every mail that is sent from here.", window_days=30
    )
    apps.get_model("consent", "ApprovalPolicy").objects.create(
        kind="accept_remainder", version=1, approvals_needed=2, decided_by=["approver", "steward"],
        expires_after=timedelta(hours=72), execution_window=timedelta(hours=24), is_current=True, in_force_at=IN_FORCE,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0012_obligations'),
        ('accounts', '0005_comes_back'),
        ('account', '0009_emailaddress_unique_primary_email'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Processor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('gets', models.CharField(max_length=200)),
                ('window_days', models.PositiveSmallIntegerField(help_text='Until they have forgotten it, after we have.')),
            ],
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('digest', models.BinaryField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddField(
            model_name='mappedtable',
            name='actors',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), default=list, help_text='Columns in which an opaque id is not whom a row is about.', size=None),
        ),
        migrations.AlterField(
            model_name='approvalpolicy',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('accept_remainder', 'Ending an erasure as incomplete')], max_length=20),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('accept_remainder', 'Ending an erasure as incomplete')], max_length=20),
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('person', models.UUIDField(unique=True)),
                ('reference', models.CharField(max_length=20, unique=True)),
                ('state', models.CharField(choices=[('erasing', 'being erased'), ('erased', 'erased')], default='erasing', max_length=10)),
                ('requested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('requested_by', models.UUIDField()),
                ('letter', models.TextField(blank=True, help_text='How and when a letter came, where an officer acts on one.')),
                ('token_digest', models.BinaryField(help_text='SHA-256 of the link’s token, which needs no account.', unique=True)),
                ('commitment', models.CharField(help_text='SHA-256 over a salt made of the token, and the address: only its holder can show whose.', max_length=64)),
                ('fully_erased_on', models.DateField(help_text='When backups and processors have forgotten too, as told beforehand.')),
                ('email', models.CharField(max_length=254)),
                ('name', models.CharField(max_length=150)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(null=True)),
                ('found', models.JSONField(null=True)),
                ('held', models.BigIntegerField(default=0, help_text='Rows that a legal hold keeps from destruction.')),
                ('map_digest', models.CharField(max_length=64)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('verified_at', models.DateTimeField(null=True)),
                ('erased_at', models.DateTimeField(null=True)),
                ('rewritten_at', models.DateTimeField(help_text='When the tables’ pages were written anew.', null=True)),
                ('accepted', models.UUIDField(help_text='The proposal by which two others accepted what was left.', null=True)),
                ('entry', models.BigIntegerField(help_text='The ledger’s entry that is the certificate.', null=True)),
                ('obligation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='erasure', to='consent.obligation')),
            ],
        ),
        migrations.CreateModel(
            name='ErasureStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(max_length=80)),
                ('rows', models.BigIntegerField()),
                ('done_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('erasure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='consent.erasure')),
            ],
        ),
        migrations.CreateModel(
            name='SuppressionKey',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('key', models.BinaryField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='suppression_key_is_one')],
            },
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(condition=models.Q(('erased_at__isnull', True)), fields=['next_at'], name='erasure_waiting'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('erased_at__isnull', True), ('state', 'erasing')), models.Q(('email', ''), ('erased_at__isnull', False), ('name', ''), ('state', 'erased'), ('verified_at__isnull', False)), _connector='OR'), name='erasure_erased_forgets_whom'),
        ),
        migrations.AddConstraint(
            model_name='erasurestep',
            constraint=models.UniqueConstraint(fields=('erasure', 'step'), name='erasure_step_once'),
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
        tenant_sql((SQL / "erasure.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "gate.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approvals.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approval_effects.sql").read_text(encoding="utf-8")),
    ]
