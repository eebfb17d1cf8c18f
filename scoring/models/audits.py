"""Bias audits of models: figures about groups of five people or more. What people are is never kept."""

from django.db import models
from django.db.models import Q

from scoring.models.scores import ModelVersion


class BiasAudit(models.Model):
    """How often each group lies above the median, by one model in one week. Written by the engine alone."""

    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="audits")
    week = models.DateField(help_text="Monday of the as-of week of the scores.")
    figures = models.JSONField(help_text="Groups of five people or more, as far as no smaller one can be subtracted.")
    audited_at = models.DateTimeField()
    audited_by = models.UUIDField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "week"], name="audit_once_a_week"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True) | Q(published_at__isnull=False),
                name="audit_published_at_and_by",
            ),
        ]

    class Privacy:
        holds = "A bias audit of a model, who made it and who published it."
        about = "audited_by"
        personal = ()
        pseudonymous = ("audited_by", "published_by")
        neutral = ("id", "model", "week", "figures", "audited_at", "published_at")
        keeps_for = None
        on_erasure = "blank"
        app_may = ("SELECT", "UPDATE (published_at, published_by, audited_by)")

    def __str__(self) -> str:
        return f"Version {self.model_id}, week of {self.week}"
