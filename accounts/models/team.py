"""Teams: who works with whom, as the company itself has it. Nobody is in two, so that no two figures overlap."""

import uuid

from django.db import models
from django.db.models.functions import Lower

from accounts.models.person import Person


class Team(models.Model):
    """A group of people that figures may be about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="team_name_once")]

    class Privacy:
        holds = "A team of the company."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "name", "made_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT", "INSERT", "UPDATE (name)", "DELETE")

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """In which team somebody is."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="team_member")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")

    class Privacy:
        holds = "In which team you are."
        about = "person"
        personal = ("team",)
        pseudonymous = ("person",)
        neutral = ()
        keeps_for = None
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT", "UPDATE (team_id)", "DELETE")
