"""What officers keep of their work with the ledger: searches by name, and the files they had made."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q

from accounts.models import Job, Person


class SavedSearchQuerySet(models.QuerySet):
    def visible_to(self, person: Person) -> "SavedSearchQuerySet":
        """One's own, and what others share."""
        return self.filter(Q(person=person) | Q(is_shared=True))


class SavedSearch(models.Model):
    """A query under a name. It names people by opaque id alone: names are not kept a second time."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=4000)
    is_shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "saved searches"
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="saved_search_named_once")]

    class Privacy:
        holds = "A search of the ledger that an officer has saved."
        about = "person"
        personal = ("name", "query", "is_shared", "saved_at")
        pseudonymous = ("person",)
        neutral = ("id",)
        keeps_for = None
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __str__(self) -> str:
        return self.name


class LedgerExport(models.Model):
    """Entries that fit a query, as a file: asked for, made by a job, kept for a week."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    query = models.CharField(max_length=4000, help_text="With people by opaque id.")
    time_zone = models.CharField(max_length=60, help_text="Whose days the query means.")
    format = models.CharField(max_length=20)
    newest = models.BigIntegerField(help_text="The newest entry there was when it was asked for: none later is in it.")
    requested_by = models.UUIDField(null=True, help_text="Null once that person is erased.")
    requested_at = models.DateTimeField()
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    rows = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-requested_at"], name="ledger_export_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(made_at=None, expires_at=None, rows=None, bytes=None, sha256="")
                | Q(
                    made_at__isnull=False,
                    expires_at__isnull=False,
                    rows__gte=0,
                    bytes__gte=0,
                    sha256__regex=r"^[0-9a-f]{64}$",
                ),
                name="ledger_export_made_as_a_whole",
            )
        ]

    class Privacy:
        holds = "A file of ledger entries that somebody had made."
        about = "requested_by"
        personal = ("query",)
        pseudonymous = ("requested_by",)
        neutral = (
            "id", "time_zone", "format", "newest", "requested_at", "job", "rows", "bytes", "sha256", "made_at",
            "expires_at",
        )  # fmt: skip
        keeps_for = timedelta(weeks=156)
        ages_by = "requested_at"
        on_erasure = "blank"
        app_may = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return self.query or "everything"
