"""What people are asked for, word for word."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from consent.states import OFFERED, PurposeKey


class PurposeVersionQuerySet(models.QuerySet):
    def current(self) -> "PurposeVersionQuerySet":
        return self.filter(is_current=True)

    def offered(self) -> "PurposeVersionQuerySet":
        """What people are asked for when they take part."""
        return self.current().filter(purpose__in=OFFERED)


class PurposeVersion(models.Model):
    """One wording of one purpose. Immutable; a grant is for exactly this wording.

    The app role may only read: a purpose changes by migration now, by two approvals later.
    """

    purpose = models.CharField(max_length=20, choices=PurposeKey)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField()
    legal_basis = models.TextField()
    assessment = models.TextField(help_text="Why the basis holds, as recorded when it was chosen.")
    needs_grant = models.BooleanField(help_text="Whether it reads only people who said yes to this wording.")
    readers = ArrayField(
        models.CharField(max_length=12),
        help_text="Who may: roles, `self` for one's own data, `machine` for the worker.",
    )
    tables = ArrayField(
        models.CharField(max_length=63), help_text="Of which tables it may see rows, of the people it names."
    )
    works_on = ArrayField(
        models.CharField(max_length=63), help_text="On which tables it works inside the database, without seeing rows."
    )
    minimum_age = models.PositiveSmallIntegerField(default=18)
    keeps_for = models.DurationField(help_text="How long what was made under it is kept.")
    is_current = models.BooleanField(default=False)
    in_force_at = models.DateTimeField()

    objects = PurposeVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="purpose_version_once"),
            models.UniqueConstraint(fields=["purpose"], condition=Q(is_current=True), name="purpose_one_current"),
        ]

    class Privacy:
        holds = "The wording of a purpose."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = (
            "id", "purpose", "version", "title", "text", "legal_basis", "assessment", "needs_grant", "readers",
            "tables", "works_on", "minimum_age", "keeps_for", "is_current", "in_force_at",
        )  # fmt: skip
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT",)

    def __str__(self):
        return self.title
