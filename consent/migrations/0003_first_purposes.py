"""The first wording of the three purposes that people can say yes to."""

from datetime import UTC, datetime, timedelta

from django.db import migrations

IN_FORCE = datetime(2026, 11, 1, tzinfo=UTC)
BASIS = (
    "Consent, GDPR Article 6(1)(a). Consent at work is fragile, since an employee depends on the employer: "
    "therefore nothing depends on saying yes, refusing is invisible to managers, and every perk keeps an equal path."
)
PURPOSES = [
    (
        "scoring", "Work out my score and show it to me",
        "From the sources you choose we keep one number a week and kind: with how many different colleagues you dealt. "
        "Never who they were, never what was written, never how often. From these numbers your score is worked out. "
        "Only you see it. It is never used for pay, rating or dismissal.",
        timedelta(weeks=104),
    ),
    (
        "team_figures", "Count me in figures about groups",
        "Your score may count in figures about groups of five people or more, such as a site's median. "
        "Figures about smaller groups are not shown to anybody. No page shows who is in them.",
        timedelta(weeks=52),
    ),
    (
        "perks", "Let my score open perks to me",
        "Your score may be used to see whether a perk is open to you. Perks that use scores keep an equal path for everyone "
        "who is not scored. You may say no to any perk, and leaving takes back nothing that you were given.",
        timedelta(weeks=52),
    ),
]


def add(apps, schema_editor):  # noqa: ARG001
    version = apps.get_model("consent", "PurposeVersion")
    version.objects.bulk_create(
        version(
            purpose=purpose, version=1, title=title, text=text, legal_basis=BASIS, keeps_for=keeps_for,
            is_current=True, in_force_at=IN_FORCE,
        )
        for purpose, title, text, keeps_for in PURPOSES
    )


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_open_grants")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
