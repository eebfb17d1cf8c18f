"""What is too old, as PostgreSQL knows it, and the function that deletes it."""

from pathlib import Path

from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0016_holds'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='mappedtable',
            name='ages_by',
        ),
        migrations.AddField(
            model_name='mappedtable',
            name='aged_rows',
            field=models.TextField(default='', help_text='Which rows are too old, as above; empty where none ever is.'),
        ),
        migrations.AddField(
            model_name='mappedtable',
            name='kept_by',
            field=models.CharField(default='', help_text='The purpose that says how long, where one does.', max_length=20),
        ),
        tenant_sql((SQL / "retention.sql").read_text(encoding="utf-8")),
    ]
