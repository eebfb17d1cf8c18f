"""What a company owes its people before anybody is scored, and whether scoring is on."""

from django.db import models
from django.db.models.functions import Now

from scoring.states import Preparation


class Preparedness(models.Model):
    """One thing that was done before scoring began. The newest of each kind counts; none is ever changed."""

    kind = models.CharField(max_length=12, choices=Preparation)
    text = models.TextField(help_text="What was published, said, found or decided, for everybody to read.")
    overseer = models.UUIDField(null=True, help_text="Who is named, for that kind alone.")
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["kind", "-id"], name="preparedness_newest")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="preparedness_has_text"),
            models.CheckConstraint(
                condition=models.Q(kind=Preparation.OVERSEER, overseer__isnull=False)
                | ~models.Q(kind=Preparation.OVERSEER) & models.Q(overseer=None),
                name="preparedness_names_overseer",
            ),
        ]

    class Privacy:
        holds = "What the company recorded before anybody was scored, and who oversees it."
        about = "overseer"
        personal = ()
        pseudonymous = ("overseer", "recorded_by")
        neutral = ("id", "kind", "text", "recorded_at")
        keeps_for = None
        on_erasure = "blank"
        app_may = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return self.get_kind_display()


class Switch(models.Model):
    """Scoring was switched on or off. The newest row holds; without one it has never been on."""

    is_on = models.BooleanField()
    reason = models.TextField()
    switched_at = models.DateTimeField(db_default=Now())
    switched_by = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="switch_has_reason")]

    class Privacy:
        holds = "That somebody switched scoring on or off."
        about = "switched_by"
        personal = ()
        pseudonymous = ("switched_by",)
        neutral = ("id", "is_on", "reason", "switched_at")
        keeps_for = None
        on_erasure = "blank"
        app_may = ("SELECT", "INSERT")
