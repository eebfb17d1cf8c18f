"""A person’s own data as one file."""


import datetime
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_comes_back'),
        ('consent', '0020_closing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessExport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('ordered_at', models.DateTimeField()),
                ('ordered_by', models.UUIDField(help_text='The person, or an officer acting on their letter.')),
                ('rows', models.BigIntegerField(null=True)),
                ('bytes', models.BigIntegerField(null=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('made_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(help_text='Its file went before its week was over: the person took back a yes, or has a newer one.', null=True)),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-ordered_at'], name='access_export_of_person'), models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['expires_at'], name='access_export_kept')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('bytes', None), ('expires_at', None), ('made_at', None), ('rows', None), ('sha256', ''), ('withdrawn_at', None)), models.Q(('bytes__gte', 0), ('expires_at__isnull', False), ('made_at__isnull', False), ('rows__gte', 0), ('sha256__regex', '^[0-9a-f]{64}$')), _connector='OR'), name='access_export_made_as_a_whole'), models.CheckConstraint(condition=models.Q(('expires_at', None), ('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('made_at'), '+', models.Value(datetime.timedelta(days=7)))), _connector='OR'), name='access_export_kept_a_week'), models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('expires_at__lte', models.F('withdrawn_at')), _connector='OR'), name='access_export_withdrawn_is_over')],
            },
        ),
    ]
