"""Where counts may come from: part of what a grant is for."""

import uuid

from django.db import models
from django.db.models import Q

from consent.states import SourceKind


class SourceQuerySet(models.QuerySet):
    def in_use(self) -> "SourceQuerySet":
        return self.filter(retired_at__isnull=True)


class Source(models.Model):
    """A place where colleagues deal with each other, named so that people recognise it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=SourceKind)
    description = models.CharField(
        max_length=300, help_text="What is in it and what is read, in words people understand."
    )
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    retired_at = models.DateTimeField(null=True)
    retired_by = models.UUIDField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.UUIDField(null=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("name"), condition=Q(retired_at__isnull=True), name="source_name_once"
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True, retired_by__isnull=True)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
                name="source_retired_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stopped_by__isnull=True)
                | Q(stopped_at__isnull=False, stopped_by__isnull=False),
                name="source_stopped_at_and_by",
            ),
        ]

    class Privacy:
        holds = "A source of counts, and who set it up."
        about = "created_by"
        personal = ()
        pseudonymous = ("created_by", "retired_by", "stopped_by")
        neutral = ("id", "name", "kind", "description", "created_at", "retired_at", "stopped_at")
        keeps_for = None
        on_erasure = "blank"
        app_may = ("SELECT", "INSERT", "UPDATE")

    def __str__(self):
        return self.name
