"""Working days end after three times as many days, whatever is declared a holiday; warnings are reckoned in UTC."""

from pathlib import Path

from django.db import migrations

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0018_sure_erasure'),
    ]

    operations = [tenant_sql((SQL / "obligations.sql").read_text(encoding="utf-8"))]
