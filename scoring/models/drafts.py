"""Models of scoring that somebody is still thinking about."""

from django.db import models
from django.db.models.functions import Now


class ModelDraft(models.Model):
    """Numbers that may become a model. Anybody who looks after models edits it; proposing freezes a copy of it."""

    name = models.CharField(max_length=80)
    half_life_days = models.PositiveSmallIntegerField()
    minimum_colleagues = models.PositiveSmallIntegerField()
    terms = models.JSONField(help_text="List of kind, weight and halfway; nothing about people.")
    reason = models.TextField(help_text="Why; who decides reads it.")
    edited_by = models.UUIDField()
    edited_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["-edited_at"], name="model_draft_newest")]

    class Privacy:
        holds = "A model of the score that somebody drafted."
        about = "edited_by"
        personal = ()
        pseudonymous = ("edited_by",)
        neutral = ("id", "name", "half_life_days", "minimum_colleagues", "terms", "reason", "edited_at")
        keeps_for = None  # until it is thrown away or takes effect
        on_erasure = "blank"
        app_may = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __str__(self) -> str:
        return self.name
