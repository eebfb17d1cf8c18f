"""Indexes under which five million entries are searched in milliseconds, newest first."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_sealing")]
    operations = [
        migrations.RemoveIndex("entry", "entry_about"),
        migrations.RemoveIndex("entry", "entry_event"),
        migrations.AddIndex("entry", models.Index(fields=["at", "id"], name="entry_at")),
        migrations.AddIndex("entry", models.Index(fields=["event", "-at", "-id"], name="entry_event")),
        migrations.AddIndex(
            "entry",
            models.Index(fields=["about", "-at", "-id"], name="entry_about", condition=Q(about__isnull=False)),
        ),
        migrations.AddIndex(
            "entry", models.Index(fields=["by", "-at", "-id"], name="entry_by", condition=Q(by__isnull=False))
        ),
        migrations.AddIndex(
            "entry", GinIndex(fields=["payload"], name="entry_payload", gin_pending_list_limit=16_384)
        ),
    ]
