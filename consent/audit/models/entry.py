"""What happened: plain rows, written in the transaction of the act; and the openings of what they only commit to."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import BigIntegerField, Func, Q, TextField
from django.db.models.functions import Cast, Now

from consent.audit.events import sentence_for

KEPT_BECAUSE = "Proofs must keep verifying (GDPR Article 5); without the account the opaque id leads to nobody."


class Entry(models.Model):
    """One thing that happened. Only ever inserted: the app role holds no UPDATE or DELETE here.

    No foreign keys: an entry must stand when the row it speaks of is gone. `xid` is the transaction that wrote it; the
    app may set neither it nor `recorded_at`, so that no entry can hide from sealing or claim another day.
    """

    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    xid = models.BigIntegerField(
        db_default=Cast(Cast(Func(function="pg_current_xact_id"), TextField()), BigIntegerField())
    )
    event = models.CharField(max_length=80)
    by = models.UUIDField(null=True)
    about = models.UUIDField(null=True)
    payload = models.JSONField()

    class Meta:
        verbose_name_plural = "entries"
        # The first is the sequencer's. Each other serves a search, newest first, without a sort. The last one serves
        # keys, values and words alike: a second one for words would slow every insert. Its waiting list is long, so
        # that inserts seldom empty it (bench/ledger_search.py).
        indexes = [
            models.Index(fields=["xid", "id"], name="entry_xid"),
            models.Index(fields=["at", "id"], name="entry_at"),
            models.Index(fields=["event", "-at", "-id"], name="entry_event"),
            models.Index(fields=["about", "-at", "-id"], name="entry_about", condition=Q(about__isnull=False)),
            models.Index(fields=["by", "-at", "-id"], name="entry_by", condition=Q(by__isnull=False)),
            GinIndex(fields=["payload"], name="entry_payload", gin_pending_list_limit=16_384),
        ]

    class Privacy:
        holds = "An entry of the ledger, which names people by an opaque id alone."
        about = "about"
        personal = ()
        pseudonymous = ("by", "about")
        neutral = ("id", "at", "recorded_at", "xid", "event", "payload")
        keeps_for = None
        on_erasure = "keep"
        kept_because = KEPT_BECAUSE
        app_may = ("SELECT", "INSERT (about, at, by, event, payload)")

    def __str__(self) -> str:
        return sentence_for(self.event, self.payload)


class Opening(models.Model):
    """A text to which an entry only commits: SHA-256 over salt and text. Deleting it breaks no proof."""

    entry_id = models.BigIntegerField()
    field = models.CharField(max_length=40)
    salt = models.BinaryField()
    text = models.TextField()
    about = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry_id", "field"], name="opening_one_a_field")]
        indexes = [models.Index(fields=["about"], name="opening_about")]

    class Privacy:
        holds = "A free text or a name to which an entry of the ledger commits by a salted digest."
        about = "about"
        personal = ("text",)
        pseudonymous = ("about",)
        neutral = ("id", "entry_id", "field", "salt")
        keeps_for = None
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT", "DELETE")

    def __str__(self) -> str:
        return self.text
