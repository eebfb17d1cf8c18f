"""A file that was brought in, and the receipt of what was done with it."""

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Job
from consent.models import Source
from scoring.states import ImportState


class Import(models.Model):
    """One file for one source: uploaded, mapped, read, receipted. The raw file is deleted when it is over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="imports")
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    job = models.OneToOneField(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.UUIDField()
    size = models.BigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    options = models.JSONField(default=dict, help_text="Header and kind mapping; nothing about people.")
    finished_at = models.DateTimeField(null=True)

    read = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    not_granted = models.BigIntegerField(default=0)
    private = models.BigIntegerField(default=0)
    malformed = models.BigIntegerField(default=0)
    left_out = models.BigIntegerField(default=0)
    counts_written = models.BigIntegerField(default=0)
    first_week = models.DateField(null=True)
    last_week = models.DateField(null=True)
    partial_weeks = ArrayField(models.DateField(), default=list)
    faults = models.JSONField(
        default=list, help_text="[where, reason] of malformed rows, at most 10,000; never content."
    )

    class Meta:
        indexes = [models.Index(fields=["-uploaded_at"], name="import_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(read=F("kept") + F("not_granted") + F("private") + F("malformed") + F("left_out")),
                name="import_numbers_add_up",
            ),
        ]

    class Privacy:
        holds = "The receipt of a file: numbers, never names."
        about = "uploaded_by"
        personal = ()
        pseudonymous = ("uploaded_by",)
        neutral = (
            "id", "source", "state", "job", "uploaded_at", "size", "sha256", "options", "finished_at", "read",
            "kept", "not_granted", "private", "malformed", "left_out", "counts_written", "first_week",
            "last_week", "partial_weeks", "faults",
        )  # fmt: skip
        keeps_for = timedelta(weeks=104)
        ages_by = "uploaded_at"
        on_erasure = "blank"
        app_may = ("SELECT", "INSERT", "UPDATE", "DELETE")
