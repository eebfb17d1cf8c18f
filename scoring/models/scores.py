"""Models of scoring as data, runs, and scores with every part that they are made of."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Person
from consent.models import Participation
from consent.states import PurposeKey
from scoring.states import Kind, RunScope


class ModelVersion(models.Model):
    """How a score is worked out: data, not code. Immutable; the app role may only read.

    A version comes of an approved proposal alone (scoring/sql/models.sql); the first one came with the company.

    Weights and half-way points stand in `terms`. `decay[a]` is the weight, in millionths, of a week that lies
    `a` active days back; kept as integers so that anyone recomputes the very same score.
    """

    number = models.PositiveSmallIntegerField(unique=True)
    name = models.CharField(max_length=80)
    half_life_days = models.PositiveSmallIntegerField()
    minimum_colleagues = models.PositiveSmallIntegerField(help_text="Weighed colleagues below which there is no score.")
    decay = ArrayField(models.PositiveIntegerField())
    is_current = models.BooleanField(default=False)
    in_effect_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of its numbers: two with the same score alike.")
    proposal = models.UUIDField(null=True, unique=True, help_text="Null for the one that came with the company.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_current=True, retired_at__isnull=True) | Q(is_current=False, retired_at__isnull=False),
                name="model_retired_or_current",
            ),
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="model_one_current"),
        ]

    class Privacy:
        holds = "A version of the scoring model."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = (
            "id", "number", "name", "half_life_days", "minimum_colleagues", "decay", "is_current",
            "in_effect_at", "retired_at", "digest", "proposal",
        )  # fmt: skip
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT",)

    def __str__(self):
        return f"{self.name} (version {self.number})"


class ModelTerm(models.Model):
    """One kind's weight in points, and the number of weighed colleagues that earns half of it."""

    model = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="terms")
    kind = models.PositiveSmallIntegerField(choices=Kind)
    weight = models.PositiveSmallIntegerField()
    halfway = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "kind"], name="model_term_once"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=100, halfway__gt=0), name="model_term_sane"),
        ]

    class Privacy:
        holds = "A kind’s weight in a scoring model."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "model", "kind", "weight", "halfway")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT",)


class Run(models.Model):
    """One working-out of scores, as of one week, with one model."""

    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT)
    scope = models.CharField(max_length=8, choices=RunScope)
    week = models.DateField(help_text="Monday of the week as of which ages are counted.")
    started_at = models.DateTimeField()
    started_by = models.UUIDField(null=True)
    finished_at = models.DateTimeField()
    people = models.PositiveIntegerField()
    drift = models.JSONField(null=True, help_text="What it moved (scoring/sql/drift.sql).")
    beyond = ArrayField(
        models.CharField(max_length=9), default=list, db_default=[], help_text="What of it lies beyond the bounds."
    )
    is_held = models.BooleanField(default=False, db_default=False, help_text="Nothing of it was published.")
    lets_through = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.TextField(default="", db_default="", help_text="Why a steward let through what had been held back.")

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="run_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(lets_through=None) | ~Q(reason=""), name="run_let_through_has_reason"),
        ]

    class Privacy:
        holds = "A working-out of scores, and who asked for it."
        about = "started_by"
        personal = ()
        pseudonymous = ("started_by",)
        neutral = (
            "id", "model", "scope", "week", "started_at", "finished_at", "people", "drift", "beyond", "is_held",
            "lets_through", "reason",
        )  # fmt: skip
        keeps_for = timedelta(weeks=104)
        ages_by = "started_at"
        kept_while_named_in = ("scoring_score.run_id",)
        on_erasure = "blank"
        app_may = ("SELECT", "INSERT", "UPDATE (people, finished_at)")


class Score(models.Model):
    """One person's score in one run: inserted, never updated, gone with the participation.

    `points[i]` hundredths of a point come from kind `kinds[i]`, at `colleagues[i]` millionths of a weighed
    colleague. PostgreSQL checks that the parts add up to `value` exactly.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE)
    person = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="scores"
    )
    participation = models.ForeignKey(Participation, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    value = models.PositiveSmallIntegerField(help_text="Hundredths of a point, 0 to 9999.")
    kinds = ArrayField(models.PositiveSmallIntegerField(choices=Kind))
    points = ArrayField(models.PositiveSmallIntegerField())
    colleagues = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "run"], name="score_once_a_run"),
            models.CheckConstraint(condition=Q(value__lt=10_000), name="score_below_hundred"),
        ]

    class Privacy:
        holds = "Your score of a week, with every part of it."
        about = "person"
        personal = ("value", "kinds", "points", "colleagues")
        pseudonymous = ("person", "participation")
        neutral = ("id", "run")
        keeps_for = timedelta(weeks=104)
        kept_by = PurposeKey.SCORING
        ages_by = "run__started_at"
        on_erasure = "delete"
        app_may = ("SELECT",)
        gated = True
