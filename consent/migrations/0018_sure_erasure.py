"""Erasures are sure: every address is searched for, and nothing is written of whoever is being erased."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0017_retention'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='erasure',
            name='erasure_erased_forgets_whom',
        ),
        migrations.AddField(
            model_name='erasure',
            name='addresses',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, help_text='Further addresses, searched for like the first.', size=None),
        ),
        migrations.AddField(
            model_name='erasure',
            name='barrier_xid',
            field=models.BigIntegerField(help_text='Whatever began before it may still write of the person.', null=True),
        ),
        migrations.AddField(
            model_name='erasure',
            name='requested_xid',
            field=models.BigIntegerField(help_text='The one transaction that may still write of the person.', null=True),
        ),
        migrations.AddIndex(
            model_name='datause',
            index=models.Index(condition=models.Q(('by__isnull', False)), fields=['by'], name='data_use_by'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('erased_at__isnull', True), ('state', 'erasing')), models.Q(('addresses', []), ('email', ''), ('erased_at__isnull', False), ('letter', ''), ('name', ''), ('state', 'erased'), ('verified_at__isnull', False)), _connector='OR'), name='erasure_erased_forgets_whom'),
        ),
        tenant_sql((SQL / "residue.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "erasure.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "erasure_fence.sql").read_text(encoding="utf-8")),
    ]
