"""Sources may send events by themselves; until a week is over its colleagues are numbers under a key."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
SEE_THEM = ("own_view", "access_export", "erasure")


def say_who_reads(apps, schema_editor):  # noqa: ARG001
    for version in apps.get_model("consent", "PurposeVersion").objects.filter(is_current=True):
        if version.purpose in SEE_THEM:
            version.tables = [*version.tables, "scoring_handle", "scoring_sighting"]
            version.save(update_fields=["tables"])
        if version.purpose == "scoring":
            version.works_on = [*version.works_on, "scoring_handle", "scoring_sighting", "scoring_correction"]
            version.save(update_fields=["works_on"])


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0024_matter_rules'),
        ('scoring', '0010_corrections'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Inbox',
            fields=[
                ('source', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='inbox', serialize=False, to='consent.source')),
                ('service', models.CharField(choices=[('slack', 'Slack Events'), ('github', 'GitHub'), ('discourse', 'Discourse'), ('teams', 'Teams or Viva Engage change notifications'), ('jira', 'Jira'), ('zulip', 'Zulip'), ('cloudevents', 'CloudEvents'), ('activities', 'ActivityStreams 2.0')], max_length=12)),
                ('sealed_secret', models.BinaryField(help_text='AES-GCM under a key made of SECRET_KEY (scoring/inbox/secrets.py).')),
                ('sealed_before', models.BinaryField(help_text='The one before: both are good until it is taken away.', null=True)),
                ('is_open', models.BooleanField(default=True)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.UUIDField()),
                ('closed_through', models.DateField(help_text='Monday of the last week that is counted and closed.', null=True)),
                ('keys_gone_at', models.DateTimeField(help_text='When the keys of closed weeks were last wiped from disk.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='InboxDay',
            fields=[
                ('pk', models.CompositePrimaryKey('source_id', 'day', 'outcome', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('outcome', models.CharField(max_length=11)),
                ('events', models.BigIntegerField()),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inbox_days', to='consent.source')),
            ],
        ),
        migrations.CreateModel(
            name='WeekKey',
            fields=[
                ('pk', models.CompositePrimaryKey('source_id', 'week', blank=True, editable=False, primary_key=True, serialize=False)),
                ('week', models.DateField()),
                ('key', models.BinaryField(max_length=32)),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='week_keys', to='consent.source')),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('pk', models.CompositePrimaryKey('source_id', 'digest', blank=True, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BinaryField(help_text="SHA-256 of the service's own number of it.", max_length=32)),
                ('taken_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='consent.source')),
            ],
            options={
                'indexes': [models.Index(fields=['taken_at'], name='delivery_oldest')],
            },
        ),
        migrations.CreateModel(
            name='Handle',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'grant_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('handle', models.CharField(help_text='In small letters.', max_length=200)),
                ('grant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='handles', to='consent.opengrant')),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='handles', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='handles', to='consent.source')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'handle'), name='handle_once_a_source')],
            },
        ),
        migrations.CreateModel(
            name='Sighting',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'grant_id', 'kind', 'week', 'colleague', blank=True, editable=False, primary_key=True, serialize=False)),
                ('kind', models.PositiveSmallIntegerField(choices=[(1, 'people you answered'), (2, 'people who answered you'), (3, 'people whose work you reviewed'), (4, 'people who reviewed your work'), (5, 'people you mentioned'), (6, 'people who mentioned you'), (7, 'people you reacted to'), (8, 'people who reacted to yours')])),
                ('week', models.DateField()),
                ('colleague', models.BinaryField(max_length=16)),
                ('grant', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='sightings', to='consent.opengrant')),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='sightings', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['week'], name='sighting_of_week')],
            },
        ),
        tenant_sql((SQL / "inbox_ties.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "engine.sql").read_text(encoding="utf-8")),
        tenant_sql((SQL / "inbox.sql").read_text(encoding="utf-8")),
        migrations.RunPython(say_who_reads, migrations.RunPython.noop),
    ]
