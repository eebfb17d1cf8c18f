"""Sources can be stopped, started again, and removed with what was counted of them."""

from django.db import migrations, models
from django.db.models import Q


KINDS = [
    ("take_part", "take part"), ("stay_out", "stay out"), ("withdraw", "withdraw"), ("removed", "source removed"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("consent", "0026_more_sources")]
    operations = [
        migrations.AlterField("choice", "kind", models.CharField(max_length=10, choices=KINDS)),
        migrations.AddField("source", "stopped_at", models.DateTimeField(null=True)),
        migrations.AddField("source", "stopped_by", models.UUIDField(null=True)),
        migrations.AddConstraint(
            "source",
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stopped_by__isnull=True)
                | Q(stopped_at__isnull=False, stopped_by__isnull=False),
                name="source_stopped_at_and_by",
            ),
        ),
    ]
