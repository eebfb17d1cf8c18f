"""Purposes, kinds of source, and the choices a person can make."""

from django.db.models import TextChoices


class PurposeKey(TextChoices):
    SCORING = "scoring", "Work out my score and show it to me"
    TEAM_FIGURES = "team_figures", "Count me in figures about groups"
    PERKS = "perks", "Let my score open perks to me"


class SourceKind(TextChoices):
    SLACK = "slack", "Slack"
    VIVA_ENGAGE = "viva_engage", "Viva Engage (Yammer)"
    CSV = "csv", "CSV file"


class ChoiceKind(TextChoices):
    TAKE_PART = "take_part", "take part"
    STAY_OUT = "stay_out", "stay out"
    WITHDRAW = "withdraw", "withdraw"


MOST_WEEKS_BACK = 26
