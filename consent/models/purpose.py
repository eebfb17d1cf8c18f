"""What people are asked for, word for word."""

from django.db import models
from django.db.models import Q

from consent.states import PurposeKey


class PurposeVersionQuerySet(models.QuerySet):
    def current(self) -> "PurposeVersionQuerySet":
        return self.filter(is_current=True)


class PurposeVersion(models.Model):
    """One wording of one purpose. Immutable; a grant is for exactly this wording.

    The app role may only read: a purpose changes by migration now, by two approvals later.
    """

    purpose = models.CharField(max_length=20, choices=PurposeKey)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField()
    legal_basis = models.TextField()
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
        app_may = ("SELECT",)

    def __str__(self):
        return self.title
