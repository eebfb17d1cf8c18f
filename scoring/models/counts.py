"""What is stored of a person's engagement: with how many different colleagues, by week. Never who, never how often."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from accounts.models import Person
from consent.models import OpenGrant, Participation
from consent.states import PurposeKey
from scoring.states import Kind


class WeekCount(models.Model):
    """In one ISO week, by one source, in one kind: how many different colleagues.

    Tied to the open grant it exists under, and to that grant's own person, by a composite foreign key
    that deletes it with the grant (scoring/sql/ties.sql).
    """

    pk = models.CompositePrimaryKey("person_id", "grant_id", "kind", "week")
    person = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="week_counts"
    )
    grant = models.ForeignKey(
        OpenGrant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="week_counts"
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)
    week = models.DateField(help_text="Monday of the ISO week.")
    colleagues = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(colleagues__gt=0), name="week_count_not_empty"),
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="week_count_on_monday"),
            models.CheckConstraint(condition=Q(kind__gte=1, kind__lte=8), name="week_count_kind_known"),
        ]

    class Privacy:
        holds = "With how many different colleagues you dealt, by week, source and kind."
        about = "person"
        personal = ("kind", "week", "colleagues")
        pseudonymous = ("person", "grant")
        neutral = ()
        keeps_for = timedelta(weeks=104)
        kept_by = PurposeKey.SCORING
        ages_by = "week"
        on_erasure = "delete"
        app_may = ("SELECT",)
        gated = True


class Exclusion(models.Model):
    """A week count that the person wants left out. Outlives a new import of the week, not the grant."""

    pk = models.CompositePrimaryKey("person_id", "grant_id", "kind", "week")
    person = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="exclusions"
    )
    grant = models.ForeignKey(
        OpenGrant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="exclusions"
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)
    week = models.DateField()
    excluded_at = models.DateTimeField()

    class Privacy:
        holds = "A number that you left out."
        about = "person"
        personal = ("kind", "week", "excluded_at")
        pseudonymous = ("person", "grant")
        neutral = ()
        keeps_for = timedelta(weeks=104)
        kept_by = PurposeKey.SCORING
        ages_by = "week"
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT", "DELETE")
        gated = True


class Pause(models.Model):
    """Days on which a person's half-life clock stands still. No reason is asked."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="pauses")
    started_on = models.DateField()
    ended_on = models.DateField(null=True, help_text="The first day on which the clock runs again.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(ended_on__isnull=True), name="pause_one_open"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=models.F("started_on")),
                name="pause_ends_after_start",
            ),
        ]

    class Privacy:
        holds = "Days on which you paused."
        about = "person"
        personal = ("started_on", "ended_on")
        pseudonymous = ("person",)
        neutral = ("id",)
        keeps_for = timedelta(weeks=104)
        kept_by = PurposeKey.SCORING
        ages_by = "ended_on"
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT", "UPDATE (ended_on)", "DELETE")
        gated = True


class StaleScore(models.Model):
    """A person whose counts, pauses or exclusions changed since their last score."""

    pk = models.CompositePrimaryKey("person_id", "participation_id")
    person = models.ForeignKey(Person, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    participation = models.ForeignKey(Participation, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)

    class Privacy:
        holds = "A mark that your score is to be worked out anew."
        about = "person"
        personal = ()
        pseudonymous = ("person", "participation")
        neutral = ()
        keeps_for = None  # until the next run, within a day
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT")
        gated = True
