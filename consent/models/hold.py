"""Legal holds: what may not be destroyed for a while. They stop destruction, never withdrawal.

What somebody withdrew or had erased is moved behind the hold by a trigger (consent/sql/holds.sql), where it can be read
for the hold alone, on record.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class LegalHold(models.Model):
    """One person's data, kept from destruction. Placed by an approval of two; made by its execution alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.UUIDField()
    reason = models.TextField()
    authority = models.CharField(max_length=200, help_text="Which court, law or authority asks for it.")
    review_on = models.DateField()
    silent_because = models.TextField(blank=True, help_text="Why the person is not told; empty where they are.")
    proposal = models.UUIDField()
    placed_at = models.DateTimeField(db_default=Now())
    placed_by = models.UUIDField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person"], name="hold_standing", condition=Q(lifted_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(lifted_at=None), name="hold_once"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="hold_reviewed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="hold_lifted_at_and_by",
            ),
        ]

    class Privacy:
        holds = "That what is kept of somebody may not be destroyed for a while, and why."
        about = None  # whether its person is told is part of the hold, so the page about oneself asks for it by itself
        personal = ("reason", "authority", "silent_because")
        pseudonymous = ("person", "placed_by", "reviewed_by", "lifted_by")
        neutral = ("id", "review_on", "proposal", "placed_at", "reviewed_at", "lifted_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Evidence of why something was not destroyed; without the account the opaque id leads to nobody."
        app_may = ("SELECT", "UPDATE (review_on, reviewed_at, reviewed_by, lifted_at, lifted_by)")

    def __str__(self) -> str:
        return f"hold of {self.placed_at:%-d %B %Y}"


class HeldRow(models.Model):
    """A row that would have been destroyed, as it was. Gone with the hold."""

    hold = models.ForeignKey(LegalHold, on_delete=models.PROTECT, related_name="rows")
    person_id = models.UUIDField()
    table = models.CharField(max_length=63)
    row = models.JSONField()
    held_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["person_id"], name="held_of_person")]

    class Privacy:
        holds = "A row that a legal hold keeps from destruction."
        about = None
        personal = ("row",)
        pseudonymous = ("person_id",)
        neutral = ("id", "hold", "table", "held_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "A legal hold forbids to destroy it. It goes when the hold is lifted."
        app_may = ("SELECT",)
        gated = True
