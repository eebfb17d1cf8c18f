"""A person can show their score to somebody whom they name, for a time."""

from pathlib import Path

import datetime
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.tenants.operations import tenant_sql

SQL = Path(__file__).resolve().parent.parent / "sql"
# The purpose stood there from the beginning, with nobody to read under it.
READERS = {"readers": ["named"], "needs_grant": False}


def name_readers(apps, schema_editor):  # noqa: ARG001
    apps.get_model("consent", "PurposeVersion").objects.filter(purpose="score_explanation").update(**READERS)


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0027_stopped_sources'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ScoreShare',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('viewer', models.UUIDField(help_text='Whom it is shown to, or null for a team.', null=True)),
                ('team', models.UUIDField(help_text='The team whose people it is shown to; who is in it when they look.', null=True)),
                ('shared_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='score_shares', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('team__isnull', False), ('viewer__isnull', True)), models.Q(('team__isnull', True), ('viewer__isnull', False)), _connector='OR'), name='share_with_one'), models.CheckConstraint(condition=models.Q(('viewer', None), models.Q(('viewer', models.F('person')), _negated=True), _connector='OR'), name='share_with_another'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('shared_at')), ('until__lte', django.db.models.expressions.CombinedExpression(models.F('shared_at'), '+', models.Value(datetime.timedelta(days=90))))), name='share_ends_in_time'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person', 'viewer', 'team'), name='share_once', nulls_distinct=False)],
            },
        ),
        migrations.RunPython(name_readers, migrations.RunPython.noop),
        *[tenant_sql((SQL / name).read_text(encoding="utf-8")) for name in ("shares.sql", "gate.sql", "erasure.sql")],
    ]
