"""The receipts of looking: who used whose data, for what, and why. Written by the gate alone (consent/sql/gate.sql)."""

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from consent.models.purpose import PurposeVersion


class Receipts(models.Manager):
    def get_queryset(self) -> "models.QuerySet[DataUse]":
        """Without the columns that are the gate's alone."""
        return super().get_queryset().defer("readable", "reading_xid", "tables")


class DataUse(models.Model):
    """One use of data about people, committed before the first row was read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose_version = models.ForeignKey(PurposeVersion, on_delete=models.PROTECT, related_name="+")
    by = models.UUIDField(null=True, help_text="The reader; null for the machine itself.")
    reason = models.CharField(max_length=200)
    opened_at = models.DateTimeField(help_text="By the database's clock.")
    reading_xid = models.BigIntegerField(help_text="The one transaction that may read under it.")
    tables = ArrayField(models.CharField(max_length=63), help_text="Of which tables rows may leave under it.")
    readable = ArrayField(
        models.UUIDField(), help_text="Whose rows may leave under it. The app cannot read this column."
    )
    reader_may = models.BooleanField(help_text="False: the attempt was refused, and is on record for that.")

    objects = Receipts()

    class Meta:
        indexes = [
            models.Index(fields=["reading_xid"], name="data_use_of_transaction"),
            models.Index(fields=["-opened_at"], name="data_use_newest"),
            # Whose looks these were: for their own data card, and for erasing them.
            models.Index(fields=["by"], name="data_use_by", condition=Q(by__isnull=False)),
        ]

    class Privacy:
        holds = "A use of data: who looked, for what, and why."
        about = "by"
        personal = ("reason",)
        pseudonymous = ("by", "readable")
        neutral = ("id", "purpose_version", "opened_at", "reading_xid", "reader_may", "tables")
        keeps_for = timedelta(weeks=156)
        ages_by = "opened_at"
        kept_while_named_in = ("consent_datauseperson.use_id",)
        on_erasure = "blank"
        app_may = ("SELECT (id, purpose_version_id, by, reason, opened_at, reader_may)",)

    def __str__(self) -> str:
        return self.reason


class DataUsePerson(models.Model):
    """Somebody whom a use asked for. Not allowed: they had not granted it, or the reader was refused."""

    pk = models.CompositePrimaryKey("person_id", "use_id")
    person_id = models.UUIDField()
    use = models.ForeignKey(
        DataUse, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="people"
    )
    is_allowed = models.BooleanField()

    class Privacy:
        holds = "Whom a use of data asked for, and whether it got anything."
        about = "person_id"
        personal = ("is_allowed",)
        pseudonymous = ("person_id", "use")
        neutral = ()
        keeps_for = timedelta(weeks=156)
        ages_by = "use__opened_at"
        on_erasure = "delete"
        app_may = ("SELECT",)
        gated = True
