"""How far a run may lie from the scores before it, until it is held back."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class DriftBounds(models.Model):
    """The newest row is in force. Bounds can be widened, but not so far that nothing would ever be held back."""

    stability = models.DecimalField(
        max_digits=4, decimal_places=2, help_text="Population stability index; 0.25 counts as a marked shift."
    )
    without = models.DecimalField(
        max_digits=3, decimal_places=2, help_text="By how much the share without enough to go by may move."
    )
    volume_least = models.DecimalField(
        max_digits=3, decimal_places=2, help_text="A source’s newest week over the mean of the four before, at least."
    )
    volume_most = models.DecimalField(max_digits=4, decimal_places=1, help_text="The same, at most.")
    reason = models.TextField()
    set_at = models.DateTimeField(db_default=Now())
    set_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    stability__gt=0, stability__lte=1, without__gt=0, without__lte=0.5,
                    volume_least__gt=0, volume_least__lt=1, volume_most__gt=1, volume_most__lte=20,
                ),
                name="drift_bounds_hold_something",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="drift_bounds_have_reason"),
        ]  # fmt: skip

    class Privacy:
        holds = "How far a run may lie from the last one, and who said so."
        about = "set_by"
        personal = ()
        pseudonymous = ("set_by",)
        neutral = ("id", "stability", "without", "volume_least", "volume_most", "reason", "set_at")
        keeps_for = None
        on_erasure = "blank"
        app_may = ("SELECT", "INSERT")
