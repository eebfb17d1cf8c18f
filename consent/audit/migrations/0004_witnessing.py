"""What a witness remembers, when it last said so, and that a key may come back after it was removed."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_search_indexes")]
    operations = [
        migrations.AddField("alarm", "size_there", models.BigIntegerField(default=0), preserve_default=False),
        migrations.AddField("witness", "reached_at", models.DateTimeField(null=True)),
        migrations.AddField("witness", "trouble", models.TextField(default="")),
        migrations.AlterField("witness", "vkey", models.CharField(max_length=400)),
        migrations.AddConstraint(
            "witness",
            models.UniqueConstraint(fields=["vkey"], condition=Q(removed_at=None), name="witness_one_a_key"),
        ),
        migrations.AddConstraint(
            "witness",
            models.CheckConstraint(
                name="witness_is_asked_or_comes",
                condition=Q(address="", token_digest__isnull=False) | ~Q(address="") & Q(token_digest=None),
            ),
        ),
    ]
