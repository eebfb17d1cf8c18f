"""To whom somebody shows their score, and until when."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Person

MOST_DAYS = 90


class ScoreShareQuerySet(models.QuerySet):
    def open(self) -> "ScoreShareQuerySet":
        """Those that stand now, by the clock of the database."""
        return self.filter(ended_at=None, until__gt=Now())


class ScoreShare(models.Model):
    """A score shown to one colleague or one team, for a time. The gate opens by it (consent/sql/gate.sql).

    Written by two functions of the engine alone (consent/sql/shares.sql), for the person who looks at their own data.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="score_shares")
    viewer = models.UUIDField(null=True, help_text="Whom it is shown to, or null for a team.")
    team = models.UUIDField(null=True, help_text="The team whose people it is shown to; who is in it when they look.")
    shared_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ScoreShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(viewer__isnull=True, team__isnull=False) | Q(viewer__isnull=False, team__isnull=True),
                name="share_with_one",
            ),
            models.CheckConstraint(condition=Q(viewer=None) | ~Q(viewer=models.F("person")), name="share_with_another"),
            models.CheckConstraint(
                condition=Q(until__gt=models.F("shared_at"))
                & Q(until__lte=models.F("shared_at") + timedelta(days=MOST_DAYS)),
                name="share_ends_in_time",
            ),
            models.UniqueConstraint(
                fields=["person", "viewer", "team"], condition=Q(ended_at=None), nulls_distinct=False,
                name="share_once",
            ),
        ]  # fmt: skip

    class Privacy:
        holds = "To whom you show your score, and until when."
        about = "person"
        personal = ("team", "shared_at", "until", "ended_at")
        pseudonymous = ("person", "viewer")
        neutral = ("id",)
        keeps_for = timedelta(weeks=26)
        ages_by = "until"
        on_erasure = "delete"
        app_may = ("SELECT",)
