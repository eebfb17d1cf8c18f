"""Kinds of proposal that belong to an app above: what PostgreSQL must know of them."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0023_fence_after_start'),
    ]

    operations = [
        migrations.CreateModel(
            name='MatterRule',
            fields=[
                ('kind', models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('legal_hold', 'Legal hold'), ('close_company', 'Closing the company'), ('accept_remainder', 'Ending an erasure as incomplete'), ('scoring_model', 'Scoring model')], max_length=20, primary_key=True, serialize=False)),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), help_text='Of the payload, in order.', size=None)),
                ('about', models.CharField(help_text='The field that names what it changes; none such: one for all.', max_length=40)),
                ('checked_by', models.CharField(max_length=63)),
                ('done_by', models.CharField(max_length=63)),
            ],
        ),
        migrations.AlterField(
            model_name='approvalpolicy',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('legal_hold', 'Legal hold'), ('close_company', 'Closing the company'), ('accept_remainder', 'Ending an erasure as incomplete'), ('scoring_model', 'Scoring model')], max_length=20),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('legal_hold', 'Legal hold'), ('close_company', 'Closing the company'), ('accept_remainder', 'Ending an erasure as incomplete'), ('scoring_model', 'Scoring model')], max_length=20),
        ),
        tenant_sql((SQL / "approvals.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "approval_effects.sql").read_text(encoding="utf-8")),
    ]
