"""What a person says is wrong, and the answer that they are promised."""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from pathlib import Path

from django.conf import settings
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
SEE_DISPUTES = ("own_view", "access_export", "erasure")


def say_who_reads(apps, schema_editor):  # noqa: ARG001
    """One’s own disputes belong to one’s rights. Whoever answers sees the dispute, and of the rest what it names alone."""
    current = apps.get_model("consent", "PurposeVersion").objects.filter(is_current=True)
    for version in current.filter(purpose__in=SEE_DISPUTES):
        version.tables = [*version.tables, "scoring_dispute"]
        version.save(update_fields=["tables"])
    works_on = ["scoring_weekcount", "scoring_exclusion"]
    current.filter(purpose="dispute_review").update(tables=["scoring_dispute"], works_on=works_on)


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0019_deadlines_bounded'),
        ('scoring', '0007_deadlines'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('week', models.DateField(help_text='Monday of the ISO week; null for every week.', null=True)),
                ('kind', models.PositiveSmallIntegerField(choices=[(1, 'people you answered'), (2, 'people who answered you'), (3, 'people whose work you reviewed'), (4, 'people who reviewed your work'), (5, 'people you mentioned'), (6, 'people who mentioned you'), (7, 'people you reacted to'), (8, 'people who reacted to yours')], help_text='Null for every kind.', null=True)),
                ('text', models.TextField(help_text='What is wrong, in the person’s own words.')),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.UUIDField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('upheld', 'you are right'), ('dismissed', 'it stays as it is')], max_length=9)),
                ('answer', models.TextField(blank=True)),
                ('obligation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='dispute', to='consent.obligation')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='disputes', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='consent.source')),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-opened_at'], name='dispute_of_person')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('answered_at', None)), fields=('person', 'week', 'kind', 'source'), name='dispute_open_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('week__isnull', False), ('kind__isnull', False), ('source__isnull', False), _connector='OR'), name='dispute_names_something'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='dispute_has_text'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('answered_by__isnull', True), ('outcome', '')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('outcome', ''), _negated=True), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='dispute_answered_at_and_by')],
            },
        ),
        tenant_sql((SQL / "disputes.sql").read_text(encoding="utf-8")),
        migrations.RunPython(say_who_reads, migrations.RunPython.noop),
    ]
