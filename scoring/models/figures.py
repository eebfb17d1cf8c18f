"""Figures about teams: published only where they tell on nobody (ADR 13)."""

from datetime import timedelta

from django.db import models

from accounts.models import Team


class TeamFigure(models.Model):
    """The median score of a team in one week, coarse, of five people or more. Written by the engine alone."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="figures")
    week = models.DateField(help_text="Monday of the as-of week.")
    median = models.PositiveSmallIntegerField(help_text="Points, rounded to the nearest five.")
    at_least = models.PositiveSmallIntegerField(help_text="People who count, rounded down to fives.")
    counted = models.PositiveIntegerField(help_text="How many exactly. The app cannot read this column.")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "week"], name="team_figure_once_a_week"),
            models.CheckConstraint(condition=models.Q(counted__gte=5, at_least__gte=5), name="team_figure_of_five"),
        ]

    class Privacy:
        holds = "A figure about a team of five people or more."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "team", "week", "median", "at_least", "counted", "published_at")
        keeps_for = timedelta(weeks=52)
        ages_by = "published_at"
        on_erasure = "keep"
        kept_because = "It is about a group, and coarse enough to tell on nobody."
        app_may = ("SELECT (id, team_id, week, median, at_least, published_at)",)


class TeamFigurePerson(models.Model):
    """Who counts in the last figure of a team, so that the next is held back if too few have changed."""

    pk = models.CompositePrimaryKey("person_id", "team_id")
    person_id = models.UUIDField()
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")

    class Privacy:
        holds = "That you count in the last figure of your team."
        about = "person_id"
        personal = ("team",)
        pseudonymous = ("person_id",)
        neutral = ()
        keeps_for = None  # until the next figure of the team
        on_erasure = "delete"
        app_may = ("SELECT",)
        gated = True
