"""That a person says a number is wrong, in their own words, and what a steward answered."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Person
from consent.models import Obligation, OpenGrant, Source
from consent.states import PurposeKey
from scoring.states import DisputeOutcome, Kind


class Dispute(models.Model):
    """What is said to be wrong: whatever is kept of this week, kind or source, or where they meet; else all of it.

    Written by two functions of the engine alone (scoring/sql/disputes.sql): one for its person, one for a steward who
    is not that person. The date of the answer is the obligation's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, db_index=False, related_name="disputes")
    obligation = models.OneToOneField(Obligation, on_delete=models.PROTECT, related_name="dispute")
    week = models.DateField(null=True, help_text="Monday of the ISO week; null for every week.")
    kind = models.PositiveSmallIntegerField(choices=Kind, null=True, help_text="Null for every kind.")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField(help_text="What is wrong, in the person’s own words.")
    appeal_of = models.UUIDField(null=True, unique=True, help_text="The dispute whose answer was not accepted.")
    opened_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)
    outcome = models.CharField(max_length=9, choices=DisputeOutcome, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-opened_at"], name="dispute_of_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "week", "kind", "source"], condition=Q(answered_at=None), nulls_distinct=False,
                name="dispute_open_once",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="dispute_has_text"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, outcome="", answer="")
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(outcome="") & ~Q(answer=""),
                name="dispute_answered_at_and_by",
            ),
        ]  # fmt: skip

    class Privacy:
        holds = "What you said is wrong, and the answer."
        about = "person"
        personal = ("week", "kind", "source", "text", "outcome", "answer")
        pseudonymous = ("person", "answered_by")
        neutral = ("id", "obligation", "appeal_of", "opened_at", "answered_at")
        keeps_for = timedelta(weeks=104)
        kept_by = PurposeKey.DISPUTE_REVIEW
        ages_by = "answered_at"
        on_erasure = "delete"
        app_may = ("SELECT",)
        gated = True

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def sign(self) -> str:
        """The kind of status in which the answer is shown."""
        return "success" if self.outcome == DisputeOutcome.UPHELD else "neutral"


class Correction(models.Model):
    """The right number of one week, kind and grant, after a dispute was upheld. Zero: there was nobody.

    Outlives a new import of the week, which brings the wrong number again; not the grant (scoring/sql/disputes.sql).
    """

    pk = models.CompositePrimaryKey("person_id", "grant_id", "kind", "week")
    person = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="corrections"
    )
    grant = models.ForeignKey(
        OpenGrant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="corrections"
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)
    week = models.DateField()
    dispute = models.UUIDField()
    was = models.PositiveIntegerField()
    colleagues = models.PositiveIntegerField()
    corrected_at = models.DateTimeField(db_default=Now())

    class Privacy:
        holds = "A number that was wrong, and what is right."
        about = "person"
        personal = ("kind", "week", "was", "colleagues", "corrected_at")
        pseudonymous = ("person", "grant", "dispute")
        neutral = ()
        keeps_for = timedelta(weeks=104)
        kept_by = PurposeKey.SCORING
        ages_by = "week"
        on_erasure = "delete"
        app_may = ("SELECT",)
        gated = True

    @property
    def label(self) -> str:
        return Kind(self.kind).label.capitalize()
