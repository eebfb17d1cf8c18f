"""A copy of the server's files is fenced off too, from its start on."""

from pathlib import Path

from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0022_withdrawal_ends_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='fence',
            name='server_started_at',
            field=models.DateTimeField(db_default=models.Func(function='pg_postmaster_start_time'), help_text='When the server had started whose data was last compared with the journal.'),
        ),
        tenant_sql((SQL / "fence.sql").read_text(encoding="utf-8")),
    ]
