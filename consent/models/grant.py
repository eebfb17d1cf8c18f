"""Choices, grants and withdrawals are only ever added. What is open follows from them, kept by PostgreSQL.

`OpenGrant` and `Participation` are written by two triggers (consent/sql/open_grants.sql); the app role can
read them and nothing more. Rows about a person hang on them by foreign keys that cascade, so that a
withdrawal takes the rows with it in its own transaction, whoever wrote the SQL.
"""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q

from accounts.models import Person
from consent.models.purpose import PurposeVersion
from consent.models.source import Source
from consent.states import ChoiceKind, PurposeKey


class Choice(models.Model):
    """One confirmed decision of a person, with the reference they were given."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="choices")
    kind = models.CharField(max_length=10, choices=ChoiceKind)
    reference = models.CharField(max_length=20, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-made_at"], name="choice_of_person")]

    class Privacy:
        holds = "A confirmed choice, with its reference."
        about = "person"
        personal = ("kind", "made_at")
        pseudonymous = ("person", "reference")
        neutral = ("id",)
        keeps_for = timedelta(weeks=156)
        ages_by = "made_at"
        kept_while_named_in = ("consent_grant.choice_id", "consent_withdrawal.choice_id")
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT")

    def __str__(self):
        return self.reference


class Grant(models.Model):
    """A person's yes to one purpose, in one wording, for one source, counting from one week on."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    purpose_version = models.ForeignKey(PurposeVersion, on_delete=models.PROTECT)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    choice = models.ForeignKey(Choice, on_delete=models.CASCADE, related_name="grants")
    counts_from = models.DateField(help_text="Monday of the first week that counts.")
    granted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-granted_at"], name="grant_of_person")]
        constraints = [
            models.CheckConstraint(condition=Q(counts_from__iso_week_day=1), name="grant_counts_from_monday"),
        ]

    class Privacy:
        holds = "A yes to one purpose, in one wording, for one source."
        about = "person"
        personal = ("purpose_version", "source", "counts_from", "granted_at")
        pseudonymous = ("person", "choice")
        neutral = ("id",)
        keeps_for = timedelta(weeks=156)
        ages_by = "granted_at"
        kept_while_named_in = ("consent_opengrant.grant_id", "consent_withdrawal.grant_id")
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT")


class Withdrawal(models.Model):
    """The end of one grant. It asks for no reason."""

    grant = models.OneToOneField(Grant, on_delete=models.CASCADE, primary_key=True, related_name="withdrawal")
    choice = models.ForeignKey(Choice, on_delete=models.CASCADE, related_name="withdrawals")
    withdrawn_at = models.DateTimeField()

    class Privacy:
        holds = "The end of a yes."
        about = "grant__person"
        personal = ("withdrawn_at",)
        pseudonymous = ("grant", "choice")
        neutral = ()
        keeps_for = timedelta(weeks=156)
        ages_by = "withdrawn_at"
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT")


class OpenGrantQuerySet(models.QuerySet):
    def for_scoring(self) -> "OpenGrantQuerySet":
        """Open grants of the scoring purpose in its current wording."""
        return self.filter(purpose_version__purpose=PurposeKey.SCORING, purpose_version__is_current=True)


class OpenGrant(models.Model):
    """A grant without a withdrawal. At most one for a person, purpose and source, by constraint."""

    grant = models.OneToOneField(Grant, on_delete=models.CASCADE, primary_key=True, related_name="open")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="open_grants")
    purpose = models.CharField(max_length=20, choices=PurposeKey)
    purpose_version = models.ForeignKey(PurposeVersion, on_delete=models.PROTECT)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="open_grants")
    counts_from = models.DateField()

    objects = OpenGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "purpose", "source"], name="open_grant_once"),
            # The target of composite foreign keys: a count's person is its grant's person.
            models.UniqueConstraint(fields=["person", "grant"], name="open_grant_of_person"),
        ]

    class Privacy:
        holds = "What stands granted now."
        about = "person"
        personal = ("purpose", "purpose_version", "source", "counts_from")
        pseudonymous = ("grant", "person")
        neutral = ()
        keeps_for = None
        on_erasure = "delete"
        app_may = ("SELECT",)


class Participation(models.Model):
    """A person takes part in a purpose: the anchor of scores. Made anew whenever one of their sources is withdrawn."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="participations")
    purpose = models.CharField(max_length=20, choices=PurposeKey)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "purpose"], name="participation_once"),
            models.UniqueConstraint(fields=["person", "id"], name="participation_of_person"),
        ]

    class Privacy:
        holds = "Taking part in a purpose now."
        about = "person"
        personal = ("purpose", "since")
        pseudonymous = ("person",)
        neutral = ("id",)
        keeps_for = None
        on_erasure = "delete"
        app_may = ("SELECT",)
