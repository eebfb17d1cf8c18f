"""What each purpose reads, for whom, on which basis; and those purposes that need no yes."""

from datetime import UTC, datetime, timedelta

from django.db import migrations

IN_FORCE = datetime(2026, 11, 1, tzinfo=UTC)
OWN_TABLES = [
    "scoring_weekcount", "scoring_exclusion", "scoring_pause", "scoring_stalescore", "scoring_score",
    "scoring_teamfigureperson", "consent_datauseperson",
]  # fmt: skip
AT_WORK = (
    "Consent at work is fragile: who depends on an employer may fear to say no (EDPB Guidelines 05/2020, paragraphs 13 "
    "and 21). It is relied on here because nothing depends on it: refusing costs nothing, managers cannot see who "
    "refused, withdrawing takes two clicks and deletes at once, and every perk keeps an equal path. Each company "
    "confirms this assessment, and hears its employees' representatives, before it goes live."
)
LAW = "Legal obligation, GDPR Article 6(1)(c)."
GRANTED = {  # purpose: who may use data for it, and on what it works
    "scoring": (
        ["machine", "steward"],
        ["scoring_weekcount", "scoring_exclusion", "scoring_pause", "scoring_stalescore", "scoring_score"],
    ),
    "team_figures": (["machine", "steward"], ["scoring_score", "scoring_teamfigureperson"]),
    "perks": (["machine", "author"], ["scoring_score"]),
}
OTHERS = [  # purpose, title, text, basis, assessment, keeps for, needs a grant, readers, tables
    (
        "own_view", "See what is kept of oneself",
        "You see everything that is kept of you, and change what is yours to change. Nobody else sees it this way.",
        LAW + " The right of access: Article 15.",
        "Showing people their own data serves their right of access; it discloses nothing to anybody else.",
        timedelta(weeks=104), False, ["self"], OWN_TABLES,
    ),
    (
        "score_explanation", "Explain my score to somebody I name",
        "Somebody whom you name may see your score and why it is so, for as long as you say. Nobody does by default.",
        "Consent, GDPR Article 6(1)(a).", AT_WORK,
        timedelta(weeks=26), True, [], ["scoring_score"],
    ),
    (
        "dispute_review", "Answer a dispute",
        "When you say that something is wrong, a steward without a stake in it looks at the rows you dispute.",
        LAW + " The right to rectification: Article 16.",
        "Only the person's own request opens it, and only for the rows that it names.",
        timedelta(weeks=104), False, ["steward"], ["scoring_weekcount", "scoring_score"],
    ),
    (
        "access_export", "Hand a person their data",
        "All that is kept of you is put into one file, for you.",
        LAW + " The rights of access and portability: Articles 15 and 20.",
        "Only the person's own request, or an officer acting on their letter, opens it.",
        timedelta(weeks=104), False, ["self", "officer", "machine"], OWN_TABLES,
    ),
    (
        "erasure", "Erase a person",
        "All that is kept of you is found, deleted, and looked for again.",
        LAW + " The right to erasure: Article 17.",
        "To delete rows they must be found; nothing is shown to anybody.",
        timedelta(weeks=156), False, ["self", "officer", "machine"], OWN_TABLES,
    ),
    (
        "compliance_review", "Review compliance",
        "A compliance officer looks at what is kept of a person, with a reason that the person can read.",
        LAW + " Accountability: Article 5(2).",
        "Needed to answer authorities and complaints. Each look is named to the person concerned.",
        timedelta(weeks=156), False, ["officer"], ["scoring_weekcount", "scoring_score", "consent_datauseperson"],
    ),
]  # fmt: skip


def add(apps, schema_editor):  # noqa: ARG001
    version = apps.get_model("consent", "PurposeVersion")
    for purpose, (readers, works_on) in GRANTED.items():
        version.objects.filter(purpose=purpose, version=1).update(
            readers=readers, works_on=works_on, needs_grant=True, assessment=AT_WORK
        )
    version.objects.bulk_create(
        version(
            purpose=purpose, version=1, title=title, text=text, legal_basis=basis, assessment=assessment,
            keeps_for=keeps_for, needs_grant=needs_grant, readers=readers, tables=tables, works_on=[],
            is_current=True, in_force_at=IN_FORCE,
        )
        for purpose, title, text, basis, assessment, keeps_for, needs_grant, readers, tables in OTHERS
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("consent", "0005_gate")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
