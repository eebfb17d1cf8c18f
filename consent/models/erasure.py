"""Leaving for good: what was asked, how far it is, and what was found when everything was looked through again.

The app may ask, and write down which certificate came of it. Everything else is written by the engine's functions
(consent/sql/erasure.sql): no caller can say that somebody is erased.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from consent.models.obligation import EVIDENCE, Obligation
from consent.states import ErasureState

# What the app may say of an erasure; all else is the engine's.
ASKED = (
    "id", "person", "reference", "obligation_id", "requested_by", "letter", "token_digest", "commitment",
    "fully_erased_on",
)  # fmt: skip


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def waiting(self) -> "ErasureQuerySet":
        """Those whose turn it is, by the database's clock; the oldest first."""
        return self.filter(erased_at=None, next_at__lte=Now()).order_by("requested_at")


class Erasure(models.Model):
    """One person's erasure. `email` and `name` are what is searched for; they are blanked by what ends it.

    Counts are {table: rows}. `found` names what was left at the last look: {"table.column": rows}.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.UUIDField(unique=True)
    reference = models.CharField(max_length=20, unique=True)
    obligation = models.OneToOneField(Obligation, on_delete=models.PROTECT, related_name="erasure")
    state = models.CharField(max_length=10, choices=ErasureState, default=ErasureState.ERASING)
    requested_at = models.DateTimeField(db_default=Now())
    requested_by = models.UUIDField()
    letter = models.TextField(blank=True, help_text="How and when a letter came, where an officer acts on one.")
    token_digest = models.BinaryField(unique=True, help_text="SHA-256 of the link’s token, which needs no account.")
    commitment = models.CharField(
        max_length=64,
        help_text="SHA-256 over a salt made of the token, and the address: only its holder can show whose.",
    )
    fully_erased_on = models.DateField(help_text="When backups and processors have forgotten too, as told beforehand.")
    email = models.CharField(max_length=254)
    addresses = ArrayField(
        models.TextField(), default=list, help_text="Further addresses, searched for like the first."
    )
    name = models.CharField(max_length=150)
    before = models.JSONField(default=dict)
    after = models.JSONField(null=True)
    found = models.JSONField(null=True)
    held = models.BigIntegerField(default=0, help_text="Rows that a legal hold keeps from destruction.")
    map_digest = models.CharField(max_length=64)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    requested_xid = models.BigIntegerField(
        null=True, help_text="The one transaction that may still write of the person."
    )
    barrier_xid = models.BigIntegerField(null=True, help_text="Whatever began before it may still write of the person.")
    verified_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    rewritten_at = models.DateTimeField(null=True, help_text="When the tables’ pages were written anew.")
    accepted = models.UUIDField(null=True, help_text="The proposal by which two others accepted what was left.")
    entry = models.BigIntegerField(null=True, help_text="The ledger’s entry that is the certificate.")

    objects = ErasureQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="erasure_waiting", condition=Q(erased_at__isnull=True))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ErasureState.ERASING, erased_at__isnull=True)
                | Q(
                    state=ErasureState.ERASED,
                    erased_at__isnull=False,
                    verified_at__isnull=False,
                    email="",
                    name="",
                    addresses=[],
                    letter="",
                ),
                name="erasure_erased_forgets_whom",
            )
        ]

    class Privacy:
        holds = "That you asked to be erased, and how it ended. Name and address are blanked by its end."
        about = "person"
        personal = ("letter", "email", "addresses", "name")
        pseudonymous = ("person", "requested_by")
        neutral = (
            "id", "reference", "obligation", "state", "requested_at", "token_digest", "commitment", "fully_erased_on",
            "before", "after", "found", "held", "map_digest", "attempts", "next_at", "requested_xid", "barrier_xid",
            "verified_at", "erased_at", "rewritten_at", "accepted", "entry",
        )  # fmt: skip
        keeps_for = None
        on_erasure = "keep"
        kept_because = EVIDENCE
        app_may = (
            "SELECT",
            f"INSERT ({', '.join(ASKED)})",
            "UPDATE (entry)",
        )

    def __str__(self) -> str:
        return self.reference


class ErasureStep(models.Model):
    """One step of an erasure: how many rows it took in all attempts, and when it last came to its end."""

    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=80)
    rows = models.BigIntegerField()
    done_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["erasure", "step"], name="erasure_step_once")]

    class Privacy:
        holds = "A step of an erasure: which tables, how many rows."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "erasure", "step", "rows", "done_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Names nobody."
        app_may = ("SELECT", "INSERT (erasure_id, step, rows)", "UPDATE (rows, done_at)")


class Processor(models.Model):
    """Somebody outside who gets something about people, and how long they keep it."""

    name = models.CharField(max_length=80, unique=True)
    gets = models.CharField(max_length=200)
    window_days = models.PositiveSmallIntegerField(help_text="Until they have forgotten it, after we have.")

    class Privacy:
        holds = "Somebody outside who gets something about people, and for how long."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "name", "gets", "window_days")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT", "INSERT", "UPDATE (gets, window_days)", "DELETE")

    def __str__(self) -> str:
        return self.name


class SuppressionKey(models.Model):
    """The key of this company's suppressed addresses. The app cannot read it; it goes with the schema."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    key = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="suppression_key_is_one")]

    class Privacy:
        holds = "The key under which addresses of erased people are hashed."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "key")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT (id)",)


class Suppression(models.Model):
    """An address of somebody who was erased, as a keyed hash: nothing brings them back but they themselves."""

    digest = models.BinaryField(primary_key=True)

    class Privacy:
        holds = "A keyed hash, so that no import brings back somebody who was erased."
        about = None
        personal = ()
        pseudonymous = ("digest",)
        neutral = ()
        keeps_for = None
        on_erasure = "keep"
        kept_because = "It keeps an erased person from being brought back, and says nothing without the address."
        app_may = ("SELECT (digest)",)
