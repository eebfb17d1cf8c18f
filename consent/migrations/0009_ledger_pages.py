"""What officers keep of their work with the ledger."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_teams"),
        ("consent", "0008_approval_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerExport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("query", models.CharField(help_text="With people by opaque id.", max_length=4000)),
                ("time_zone", models.CharField(help_text="Whose days the query means.", max_length=60)),
                ("format", models.CharField(max_length=20)),
                (
                    "newest",
                    models.BigIntegerField(
                        help_text="The newest entry there was when it was asked for: none later is in it."
                    ),
                ),
                ("requested_by", models.UUIDField(help_text="Null once that person is erased.", null=True)),
                ("requested_at", models.DateTimeField()),
                ("rows", models.BigIntegerField(null=True)),
                ("bytes", models.BigIntegerField(null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("made_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="accounts.job"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-requested_at"], name="ledger_export_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("bytes", None), ("expires_at", None), ("made_at", None), ("rows", None), ("sha256", "")
                            ),
                            models.Q(
                                ("bytes__gte", 0),
                                ("expires_at__isnull", False),
                                ("made_at__isnull", False),
                                ("rows__gte", 0),
                                ("sha256__regex", "^[0-9a-f]{64}$"),
                            ),
                            _connector="OR",
                        ),
                        name="ledger_export_made_as_a_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("query", models.CharField(max_length=4000)),
                ("is_shared", models.BooleanField(default=False)),
                ("saved_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "saved searches",
                "constraints": [models.UniqueConstraint(fields=("person", "name"), name="saved_search_named_once")],
            },
        ),
    ]
