"""Legal holds: what may not be destroyed for a while, and its own purpose."""

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
    apps.get_model("consent", "ApprovalPolicy").objects.create(
        kind="legal_hold", version=1, approvals_needed=2, decided_by=["approver", "steward"],
        expires_after=timedelta(hours=72), execution_window=timedelta(hours=24), is_current=True, in_force_at=IN_FORCE,
    )
    apps.get_model("consent", "PurposeVersion").objects.create(
        purpose="legal_hold", version=1, title="Keep evidence under a legal hold",
        text="What a court or an authority wants kept is not destroyed. It is read for that alone, and every look is on record.",
        legal_basis="Legal obligation, GDPR Article 6(1)(c), and legal claims, Article 17(3)(e).",
        assessment="Two others place a hold, it names its authority, and it is reviewed by a date.",
        needs_grant=False, readers=["officer"], tables=["consent_heldrow"], works_on=[], minimum_age=18,
        keeps_for=timedelta(weeks=52), is_current=True, in_force_at=IN_FORCE,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0015_digest'),
    ]

    operations = [
        migrations.AlterField(
            model_name='approvalpolicy',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('legal_hold', 'Legal hold'), ('accept_remainder', 'Ending an erasure as incomplete')], max_length=20),
        ),
        migrations.AlterField(
            model_name='opengrant',
            name='purpose',
            field=models.CharField(choices=[('scoring', 'Work out my score and show it to me'), ('team_figures', 'Count me in figures about groups'), ('perks', 'Let my score open perks to me'), ('own_view', 'See what is kept of oneself'), ('score_explanation', 'Explain a score to somebody whom its person names'), ('dispute_review', 'Answer a dispute'), ('access_export', 'Hand a person their data'), ('erasure', 'Erase a person'), ('compliance_review', 'Review compliance'), ('legal_hold', 'Keep evidence under a legal hold')], max_length=20),
        ),
        migrations.AlterField(
            model_name='participation',
            name='purpose',
            field=models.CharField(choices=[('scoring', 'Work out my score and show it to me'), ('team_figures', 'Count me in figures about groups'), ('perks', 'Let my score open perks to me'), ('own_view', 'See what is kept of oneself'), ('score_explanation', 'Explain a score to somebody whom its person names'), ('dispute_review', 'Answer a dispute'), ('access_export', 'Hand a person their data'), ('erasure', 'Erase a person'), ('compliance_review', 'Review compliance'), ('legal_hold', 'Keep evidence under a legal hold')], max_length=20),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('legal_hold', 'Legal hold'), ('accept_remainder', 'Ending an erasure as incomplete')], max_length=20),
        ),
        migrations.AlterField(
            model_name='purposeversion',
            name='purpose',
            field=models.CharField(choices=[('scoring', 'Work out my score and show it to me'), ('team_figures', 'Count me in figures about groups'), ('perks', 'Let my score open perks to me'), ('own_view', 'See what is kept of oneself'), ('score_explanation', 'Explain a score to somebody whom its person names'), ('dispute_review', 'Answer a dispute'), ('access_export', 'Hand a person their data'), ('erasure', 'Erase a person'), ('compliance_review', 'Review compliance'), ('legal_hold', 'Keep evidence under a legal hold')], max_length=20),
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('person', models.UUIDField()),
                ('reason', models.TextField()),
                ('authority', models.CharField(help_text='Which court, law or authority asks for it.', max_length=200)),
                ('review_on', models.DateField()),
                ('silent_because', models.TextField(blank=True, help_text='Why the person is not told; empty where they are.')),
                ('proposal', models.UUIDField()),
                ('placed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('placed_by', models.UUIDField()),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('reviewed_by', models.UUIDField(null=True)),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_by', models.UUIDField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('lifted_at__isnull', True)), fields=['person'], name='hold_standing')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('person',), name='hold_once'), models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at__isnull', True), ('reviewed_by__isnull', True)), models.Q(('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='hold_reviewed_at_and_by'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), _connector='OR'), name='hold_lifted_at_and_by')],
            },
        ),
        migrations.CreateModel(
            name='HeldRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.UUIDField()),
                ('table', models.CharField(max_length=63)),
                ('row', models.JSONField()),
                ('held_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('hold', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='consent.legalhold')),
            ],
            options={
                'indexes': [models.Index(fields=['person_id'], name='held_of_person')],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
        tenant_sql((SQL / "holds.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "erasure.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "gate.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approval_deciders.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approvals.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approval_effects.sql").read_text(encoding="utf-8")),
    ]
