"""Upheld disputes set numbers right, and an answer can be appealed against once."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
SEE_CORRECTIONS = ("own_view", "access_export", "erasure")


def say_who_reads(apps, schema_editor):  # noqa: ARG001
    for version in apps.get_model("consent", "PurposeVersion").objects.filter(is_current=True):
        if version.purpose in SEE_CORRECTIONS:
            version.tables = [*version.tables, "scoring_correction"]
            version.save(update_fields=["tables"])
        if version.purpose == "dispute_review":
            version.works_on = [*version.works_on, "scoring_correction"]
            version.save(update_fields=["works_on"])


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0024_matter_rules'),
        ('scoring', '0009_governed_models'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'grant_id', 'kind', 'week', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='corrections', to=settings.AUTH_USER_MODEL)),
                ('grant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='corrections', to='consent.opengrant')),
                ('kind', models.PositiveSmallIntegerField(choices=[(1, 'people you answered'), (2, 'people who answered you'), (3, 'people whose work you reviewed'), (4, 'people who reviewed your work'), (5, 'people you mentioned'), (6, 'people who mentioned you'), (7, 'people you reacted to'), (8, 'people who reacted to yours')])),
                ('week', models.DateField()),
                ('dispute', models.UUIDField()),
                ('was', models.PositiveIntegerField()),
                ('colleagues', models.PositiveIntegerField()),
                ('corrected_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='dispute',
            name='dispute_names_something',
        ),
        migrations.AddField(
            model_name='dispute',
            name='appeal_of',
            field=models.UUIDField(help_text='The dispute whose answer was not accepted.', null=True, unique=True),
        ),
        tenant_sql((SQL / "corrections.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "disputes.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "engine.sql").read_text(encoding="utf-8")),
        migrations.RunPython(say_who_reads, migrations.RunPython.noop),
    ]
