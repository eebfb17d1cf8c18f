"""Each score carries the digest of what went into it."""

from pathlib import Path

from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0010_corrections'),
    ]

    operations = [
        migrations.AddField(
            model_name='score',
            name='inputs_digest',
            field=models.BinaryField(help_text='SHA-256 of what went in; null before 2026-11.', max_length=32, null=True),
        ),
        tenant_sql((SQL / "engine.sql").read_text(encoding="utf-8")),
    ]
