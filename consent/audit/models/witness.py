"""Those outside who countersign the ledger, what they signed, and the alarm when they remember more than it holds."""

from django.db import models
from django.db.models import Q


class WitnessQuerySet(models.QuerySet["Witness"]):
    def at_work(self) -> "WitnessQuerySet":
        return self.filter(removed_at=None)

    def asked_by_us(self) -> "WitnessQuerySet":
        """Those with an address; the others come by themselves, with a token."""
        return self.at_work().exclude(address="")


class Witness(models.Model):
    """Somebody with a key of their own, kept outside this database: an officer's tool, or a tlog-witness server.

    `reached_at` is when it last said what it remembers, `trouble` why it did not since.
    """

    name = models.CharField(max_length=200)
    vkey = models.CharField(max_length=400)
    address = models.URLField(max_length=400, blank=True)
    token_digest = models.BinaryField(null=True, unique=True)
    added_at = models.DateTimeField()
    added_by = models.UUIDField()
    removed_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    trouble = models.TextField(default="")

    objects = WitnessQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "witnesses"
        constraints = [
            models.UniqueConstraint(fields=["vkey"], condition=Q(removed_at=None), name="witness_one_a_key"),
            models.CheckConstraint(
                name="witness_is_asked_or_comes",
                condition=Q(address="", token_digest__isnull=False) | ~Q(address="") & Q(token_digest=None),
            ),
        ]

    class Privacy:
        holds = "A witness of the ledger: its name, key and address."
        about = "added_by"
        personal = ()
        pseudonymous = ("added_by",)
        neutral = (
            "id", "name", "vkey", "address", "token_digest", "added_at", "removed_at", "reached_at", "trouble",
        )  # fmt: skip
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Who may vouch for the ledger is part of its proof; the officer stands there by an opaque id."
        app_may = ("SELECT", "INSERT", "UPDATE (reached_at, removed_at, trouble)")

    def __str__(self) -> str:
        return self.name


class Cosignature(models.Model):
    """A witness's signature line under a checkpoint."""

    witness = models.ForeignKey(Witness, models.PROTECT, related_name="cosignatures")
    size = models.BigIntegerField()
    line = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["witness", "size"], name="cosignature_one_a_checkpoint")]

    class Privacy:
        holds = "A witness’s signature under a checkpoint of the ledger."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "witness", "size", "line", "signed_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "It names nobody and is part of the proof."
        app_may = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return f"{self.witness} on {self.size}"


class Alarm(models.Model):
    """A witness has signed a checkpoint that this ledger does not lead on from: restored, or rewritten.

    While one stands, the gate lets nobody read about people (consent/sql/gate.sql), and only an officer who says why on
    the record can resolve it (consent/sql/alarm.sql). `note` is what the witness remembers, word for word.
    """

    witness = models.ForeignKey(Witness, models.PROTECT, related_name="alarms")
    note = models.TextField()
    size_there = models.BigIntegerField()
    size_here = models.BigIntegerField()
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="alarm_resolved_at_and_by",
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
            ),
        ]

    class Privacy:
        holds = "The alarm that a witness knows of entries which the ledger does not hold."
        about = "resolved_by"
        personal = ()
        pseudonymous = ("resolved_by",)
        neutral = ("id", "witness", "note", "size_there", "size_here", "raised_at", "resolved_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "It is part of the ledger’s history; the officer stands there by an opaque id."
        app_may = ("SELECT", "INSERT", "UPDATE (resolved_at, resolved_by)")

    def __str__(self) -> str:
        return f"alarm {self.pk}"
