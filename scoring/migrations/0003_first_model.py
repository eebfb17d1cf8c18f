"""The model that a company begins with (docs/adr/0008)."""

from datetime import UTC, datetime

from django.db import migrations

HALF_LIFE_DAYS = 30
OLDEST_DAYS = 7 * 104
# kind: (weight in points, weighed colleagues that earn half of it)
TERMS = {
    1: (20, 40),  # people you answered: about six a week, every week
    2: (15, 40),  # people who answered you
    3: (20, 27),  # people whose work you reviewed: about four a week
    4: (10, 27),  # people who reviewed your work
    5: (5, 40),   # people you mentioned
    6: (10, 40),  # people who mentioned you
    7: (5, 54),   # people you reacted to: about eight a week
    8: (15, 54),  # people who reacted to yours
}


def add(apps, schema_editor):  # noqa: ARG001
    model = apps.get_model("scoring", "ModelVersion").objects.create(
        number=1, name="Different colleagues", half_life_days=HALF_LIFE_DAYS, minimum_colleagues=3,
        decay=[round(1_000_000 * 2 ** (-days / HALF_LIFE_DAYS)) for days in range(OLDEST_DAYS + 1)],
        is_current=True, in_effect_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    term = apps.get_model("scoring", "ModelTerm")
    term.objects.bulk_create(
        term(model=model, kind=kind, weight=weight, halfway=halfway) for kind, (weight, halfway) in TERMS.items()
    )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0002_ties")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
