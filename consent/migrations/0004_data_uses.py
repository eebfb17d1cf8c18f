"""Receipts of looking, and what a purpose allows."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_first_purposes"), ("audit", "0001_initial")]

    operations = [
        migrations.AddField("purposeversion", "assessment", models.TextField(default="", help_text="Why the basis holds, as recorded when it was chosen."), preserve_default=False),
        migrations.AddField("purposeversion", "needs_grant", models.BooleanField(default=True, help_text="Whether it reads only people who said yes to this wording."), preserve_default=False),
        migrations.AddField("purposeversion", "readers", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None, default=list, help_text="Who may: roles, `self` for one's own data, `machine` for the worker."), preserve_default=False),
        migrations.AddField(
            model_name="purposeversion",
            name="tables",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=63),
                size=None,
                default=list,
                help_text="Of which tables it may see rows, of the people it names.",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="purposeversion",
            name="works_on",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=63),
                size=None,
                default=list,
                help_text="On which tables it works inside the database, without seeing rows.",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='opengrant',
            name='purpose',
            field=models.CharField(choices=[('scoring', 'Work out my score and show it to me'), ('team_figures', 'Count me in figures about groups'), ('perks', 'Let my score open perks to me'), ('own_view', 'See what is kept of oneself'), ('score_explanation', 'Explain a score to somebody whom its person names'), ('dispute_review', 'Answer a dispute'), ('access_export', 'Hand a person their data'), ('erasure', 'Erase a person'), ('compliance_review', 'Review compliance')], max_length=20),
        ),
        migrations.AlterField(
            model_name='participation',
            name='purpose',
            field=models.CharField(choices=[('scoring', 'Work out my score and show it to me'), ('team_figures', 'Count me in figures about groups'), ('perks', 'Let my score open perks to me'), ('own_view', 'See what is kept of oneself'), ('score_explanation', 'Explain a score to somebody whom its person names'), ('dispute_review', 'Answer a dispute'), ('access_export', 'Hand a person their data'), ('erasure', 'Erase a person'), ('compliance_review', 'Review compliance')], max_length=20),
        ),
        migrations.AlterField(
            model_name='purposeversion',
            name='purpose',
            field=models.CharField(choices=[('scoring', 'Work out my score and show it to me'), ('team_figures', 'Count me in figures about groups'), ('perks', 'Let my score open perks to me'), ('own_view', 'See what is kept of oneself'), ('score_explanation', 'Explain a score to somebody whom its person names'), ('dispute_review', 'Answer a dispute'), ('access_export', 'Hand a person their data'), ('erasure', 'Erase a person'), ('compliance_review', 'Review compliance')], max_length=20),
        ),
        migrations.CreateModel(
            name='DataUse',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('by', models.UUIDField(help_text='The reader; null for the machine itself.', null=True)),
                ('reason', models.CharField(max_length=200)),
                ('opened_at', models.DateTimeField(help_text="By the database's clock.")),
                ('reading_xid', models.BigIntegerField(help_text='The one transaction that may read under it.')),
                ('tables', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), help_text='Of which tables rows may leave under it.', size=None)),
                ('readable', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), help_text='Whose rows may leave under it. The app cannot read this column.', size=None)),
                ('reader_may', models.BooleanField(help_text='False: the attempt was refused, and is on record for that.')),
                ('purpose_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='consent.purposeversion')),
            ],
        ),
        migrations.CreateModel(
            name='DataUsePerson',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'use_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('is_allowed', models.BooleanField()),
                ('use', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='people', to='consent.datause')),
            ],
        ),
        migrations.AddIndex(
            model_name='datause',
            index=models.Index(fields=['reading_xid'], name='data_use_of_transaction'),
        ),
        migrations.AddIndex(
            model_name='datause',
            index=models.Index(fields=['-opened_at'], name='data_use_newest'),
        ),
    ]
