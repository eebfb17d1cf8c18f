"""Purposes, kinds of source, and the choices a person can make."""

from django.db.models import TextChoices


class PurposeKey(TextChoices):
    SCORING = "scoring", "Work out my score and show it to me"
    TEAM_FIGURES = "team_figures", "Count me in figures about groups"
    PERKS = "perks", "Let my score open perks to me"
    OWN_VIEW = "own_view", "See what is kept of oneself"
    SCORE_EXPLANATION = "score_explanation", "Explain a score to somebody whom its person names"
    DISPUTE_REVIEW = "dispute_review", "Answer a dispute"
    ACCESS_EXPORT = "access_export", "Hand a person their data"
    ERASURE = "erasure", "Erase a person"
    COMPLIANCE_REVIEW = "compliance_review", "Review compliance"


# What people are asked for when they take part. The rest needs no yes, or is asked for when it comes up.
OFFERED = (PurposeKey.SCORING, PurposeKey.TEAM_FIGURES, PurposeKey.PERKS)


class SourceKind(TextChoices):
    SLACK = "slack", "Slack"
    VIVA_ENGAGE = "viva_engage", "Viva Engage (Yammer)"
    CSV = "csv", "CSV file"


class ChoiceKind(TextChoices):
    TAKE_PART = "take_part", "take part"
    STAY_OUT = "stay_out", "stay out"
    WITHDRAW = "withdraw", "withdraw"


class ExportState(TextChoices):
    MAKING = "making", "being made"
    READY = "ready", "ready"
    EXPIRED = "expired", "expired"
    GIVEN_UP = "given_up", "not made"


MOST_WEEKS_BACK = 26
