"""What the law or we ourselves promised by a date. Deadlines are columns that the app cannot write.

Triggers (consent/sql/obligations.sql) work them out from the policy, by the database's clock and in the company's
calendar; what is overdue stops the machine (Article 5). People stand here as opaque ids without a foreign key: that a
promise was kept is evidence, and stands when its person has gone.
"""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Now

from consent.states import ObligationKind, Outcome, Standing

UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
SIGNS = {
    Standing.OVERDUE: "danger",
    Standing.DUE_SOON: "warning",
    Standing.ON_TRACK: "info",
    Standing.DONE: "success",
}
BECAUSE = {
    ObligationKind.ERASURE: "Without undue delay (GDPR Articles 12 and 17). Days leave room for mending.",
    ObligationKind.ACCESS_REQUEST: "Within a month, and two more where it is complex (GDPR Articles 12 and 15).",
    ObligationKind.DISPUTE_ANSWER: "Without undue delay (GDPR Article 16): two weeks for a person to look into it.",
    ObligationKind.HOLD_REVIEW: "The day that two others approved with it: a hold nobody looks at stands for ever.",
    ObligationKind.RETENTION_PURGE: "It runs every night; the second night leaves room for mending.",
    ObligationKind.COMPANY_CLOSURE: "A month from the decision until everything is gone.",
}
EVIDENCE = "Evidence that a promise was kept in time; without the account the opaque id leads to nobody."


class DeadlinePolicy(models.Model):
    """How long each kind of obligation may take, and by how much it can be extended, once."""

    kind = models.CharField(max_length=20, choices=ObligationKind, primary_key=True)
    days = models.PositiveSmallIntegerField(help_text="Until the end of the last of these days.")
    extension_days = models.PositiveSmallIntegerField(help_text="None can be had where this is 0.")
    soon_days = models.PositiveSmallIntegerField(help_text="So long before the deadline it counts as due soon.")
    in_working_days = models.BooleanField()

    class Meta:
        verbose_name_plural = "deadline policies"

    class Privacy:
        holds = "How long each kind of obligation may take."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("kind", "days", "extension_days", "soon_days", "in_working_days")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT",)

    def __str__(self) -> str:
        return ObligationKind(self.kind).label

    @property
    def because(self) -> str:
        """Why so long and no longer."""
        return BECAUSE[ObligationKind(self.kind)]


class Holiday(models.Model):
    """A day on which the company does not work. It counts for what is opened from then on."""

    day = models.DateField(primary_key=True)
    name = models.CharField(max_length=80)

    class Privacy:
        holds = "A day on which the company does not work."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("day", "name")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT", "INSERT", "DELETE")

    def __str__(self) -> str:
        return self.name


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def unmet(self) -> "ObligationQuerySet":
        return self.filter(done_at=None)

    def with_standing(self) -> "ObligationQuerySet":
        """Say of each how it stands and how long is left, by the database's clock."""
        return self.annotate(
            left=ExpressionWrapper(F("due_at") - Now(), output_field=models.DurationField()),
            standing=Case(
                When(done_at__isnull=False, then=Value(Standing.DONE)),
                When(due_at__lt=Now(), then=Value(Standing.OVERDUE)),
                When(soon_at__lt=Now(), then=Value(Standing.DUE_SOON)),
                default=Value(Standing.ON_TRACK),
            ),
        )

    def that_stop_the_machine(self) -> "ObligationQuerySet":
        return self.unmet().filter(kind__in=(ObligationKind.ERASURE, ObligationKind.HOLD_REVIEW), due_at__lt=Now())

    def with_extension(self) -> "ObligationQuerySet":
        return self.annotate(is_extended=Exists(Extension.objects.filter(obligation=models.OuterRef("pk"))))


class Obligation(models.Model):
    """Something to be done by a date: opened once, extended at most once, done once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=ObligationKind)
    reference = models.CharField(max_length=20, unique=True)
    person = models.UUIDField(null=True, help_text="Whom it is about; null for the company itself.")
    thing = models.UUIDField(null=True, help_text="The erasure, hold, export or dispute that it is about.")
    opened_at = models.DateTimeField(db_default=Now())
    opened_by = models.UUIDField(null=True, help_text="Null for the machine.")
    promised_at = models.DateTimeField(help_text="The deadline as it was when this was opened.")
    soon_at = models.DateTimeField()
    due_at = models.DateTimeField()
    overdue_at = models.DateTimeField(null=True, help_text="When it was recorded that the deadline was missed.")
    late_because = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.UUIDField(null=True, help_text="Null for the machine.")
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="obligation_unmet", condition=Q(done_at__isnull=True)),
            models.Index(fields=["-done_at", "id"], name="obligation_done", condition=Q(done_at__isnull=False)),
            models.Index(fields=["person"], name="obligation_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "thing"], condition=Q(done_at=None), name="obligation_open_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, outcome="") | Q(done_at__isnull=False) & ~Q(outcome=""),
                name="obligation_done_has_outcome",
            ),
            # The machine's own work is done by nobody: an instant may stand without an actor, never the other way.
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | Q(done_by__isnull=True), name="obligation_done_at_and_by"
            ),
            models.CheckConstraint(
                condition=Q(opened_at__lt=F("due_at"), promised_at__lte=F("due_at")), name="obligation_clocks_in_order"
            ),
        ]

    class Privacy:
        holds = "Something that was promised to you by a date, and when it was done."
        about = "person"
        personal = ("late_because",)
        pseudonymous = ("person", "opened_by", "done_by")
        neutral = (
            "id", "kind", "reference", "thing", "opened_at", "promised_at", "soon_at", "due_at", "overdue_at",
            "done_at", "outcome",
        )  # fmt: skip
        keeps_for = None
        on_erasure = "keep"
        kept_because = EVIDENCE
        app_may = (
            "SELECT",
            "INSERT (id, kind, reference, person, thing, opened_by, due_at)",
            "UPDATE (late_because, done_at, done_by, outcome)",
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def standing_sign(self) -> str:
        """The kind of status in which its standing is shown; of obligations `with_standing` alone."""
        return SIGNS[Standing(self.standing)]  # type: ignore[attr-defined]

    @property
    def outcome_sign(self) -> str:
        """The kind of status in which the end is shown."""
        return {Outcome.INCOMPLETE: "warning", Outcome.CANCELLED: "neutral"}.get(Outcome(self.outcome), "success")

    @property
    def left_in_words(self) -> str:
        """How long is left, or how late it is; of obligations `with_standing` alone."""
        left: timedelta = self.left  # type: ignore[attr-defined]
        unit, length = next(((unit, length) for unit, length in UNITS if abs(left) >= length), UNITS[-1])
        number = max(1, abs(left) // length)
        words = f"{number} {unit}{'s' if number > 1 else ''}"
        return f"in {words}" if left > timedelta() else f"{words} late"


class Extension(models.Model):
    """A deadline moved, once, with a reason that its person reads. Adding this row is what moves it."""

    obligation = models.OneToOneField(Obligation, on_delete=models.PROTECT, primary_key=True, related_name="extension")
    reason = models.TextField()
    extended_at = models.DateTimeField(db_default=Now())
    extended_by = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="extension_has_reason")]

    class Privacy:
        holds = "Why a deadline was moved."
        about = "obligation__person"
        personal = ("reason",)
        pseudonymous = ("obligation", "extended_by")
        neutral = ("extended_at",)
        keeps_for = None
        on_erasure = "keep"
        kept_because = EVIDENCE
        app_may = ("SELECT", "INSERT (obligation_id, reason, extended_by)")


class DigestSent(models.Model):
    """That the officers were told what is due on a morning: once."""

    day = models.DateField(primary_key=True)

    class Meta:
        verbose_name_plural = "digests sent"

    class Privacy:
        holds = "That the officers were told what is due."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("day",)
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT", "INSERT")
