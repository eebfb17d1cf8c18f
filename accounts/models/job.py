"""Long work with progress that a person can watch, cancel, and see resumed after a crash."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q

from accounts.states import JobState


class JobQuerySet(models.QuerySet):
    def due(self, at):
        """Jobs that wait, or whose worker has fallen silent."""
        return self.filter(
            Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=at),
        )


class Job(models.Model):
    """One piece of long work. The row is the truth; a worker's task only looks here for what is due."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    phase = models.CharField(max_length=120, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    message = models.TextField(blank=True)
    attempts = models.SmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    started_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    arguments = models.JSONField(default=dict)
    result_url = models.CharField(max_length=200, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state"], name="job_unfinished", condition=Q(finished_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(done__gte=0), name="job_done_not_negative"),
            models.CheckConstraint(
                condition=(Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING)) & Q(finished_at__isnull=True)
                | (Q(state=JobState.DONE) | Q(state=JobState.FAILED) | Q(state=JobState.CANCELLED))
                & Q(finished_at__isnull=False),
                name="job_over_has_instant",
            ),
        ]

    class Privacy:
        holds = "Long work that somebody started."
        about = "started_by"
        personal = ()
        pseudonymous = ("started_by",)
        neutral = (
            "id", "kind", "title", "state", "phase", "done", "total", "message", "attempts", "lease_until",
            "cancel_requested_at", "created_at", "finished_at", "arguments", "result_url",
        )  # fmt: skip
        keeps_for = timedelta(weeks=52)
        ages_by = "created_at"
        kept_while_named_in = ("scoring_import.job_id", "consent_ledgerexport.job_id")
        on_erasure = "blank"
        app_may = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __str__(self):
        return self.title
