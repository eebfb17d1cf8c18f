"""Nobody approves a model without having opened what it would do here."""

from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
WORKS_ON = ("scoring_weekcount", "scoring_exclusion", "scoring_pause")


def say_what_figures_work_on(apps, schema_editor):  # noqa: ARG001
    for version in apps.get_model("consent", "PurposeVersion").objects.filter(is_current=True, purpose="team_figures"):
        version.works_on = sorted({*version.works_on, *WORKS_ON})
        version.save(update_fields=["works_on"])


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0012_inbox'),
    ]

    operations = [
        migrations.CreateModel(
            name='ModelPreview',
            fields=[
                ('pk', models.CompositePrimaryKey('digest', 'against', blank=True, editable=False, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
                ('against', models.CharField(help_text='The digest of the model in effect at the time.', max_length=64)),
                ('figures', models.JSONField(help_text='About groups of five or more; numbers of people rounded down to fives.')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='PreviewOpened',
            fields=[
                ('pk', models.CompositePrimaryKey('proposal', 'person', blank=True, editable=False, primary_key=True, serialize=False)),
                ('proposal', models.UUIDField()),
                ('person', models.UUIDField()),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        tenant_sql((SQL / "engine.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "preview.sql").read_text(encoding="utf-8")),
        migrations.RunPython(say_what_figures_work_on, migrations.RunPython.noop),
    ]
