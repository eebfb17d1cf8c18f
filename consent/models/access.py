"""A person's own data as one file (GDPR Articles 15 and 20): asked for, made by a job, kept for a week."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from accounts.models import Job, Person

KEPT_FOR = timedelta(days=7)


class AccessExport(models.Model):
    """One file of everything kept of one person. At most one of a person's is ready at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    ordered_at = models.DateTimeField()
    ordered_by = models.UUIDField(help_text="The person, or an officer acting on their letter.")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    rows = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(
        null=True, help_text="Its file went before its week was over: the person took back a yes, or has a newer one."
    )

    class Meta:
        indexes = [
            models.Index(fields=["person", "-ordered_at"], name="access_export_of_person"),
            models.Index(fields=["expires_at"], name="access_export_kept", condition=Q(expires_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(made_at=None, expires_at=None, withdrawn_at=None, rows=None, bytes=None, sha256="")
                | Q(
                    made_at__isnull=False,
                    expires_at__isnull=False,
                    rows__gte=0,
                    bytes__gte=0,
                    sha256__regex=r"^[0-9a-f]{64}$",
                ),
                name="access_export_made_as_a_whole",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__lte=F("made_at") + KEPT_FOR),
                name="access_export_kept_a_week",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(expires_at__lte=F("withdrawn_at")),
                name="access_export_withdrawn_is_over",
            ),
        ]

    class Privacy:
        holds = "A file of all that is kept of you, which you asked for."
        about = "person"
        personal = ()
        pseudonymous = ("person", "ordered_by")
        neutral = (
            "id", "ordered_at", "job", "rows", "bytes", "sha256", "made_at", "expires_at", "withdrawn_at",
        )  # fmt: skip
        keeps_for = timedelta(weeks=156)
        on_erasure = "delete"
        app_may = (
            "SELECT",
            "INSERT",
            "UPDATE (job_id, rows, bytes, sha256, made_at, expires_at, withdrawn_at)",
        )
