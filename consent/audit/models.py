"""The ledger's one table. Sealing into a Merkle tree comes with the keel."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from consent.audit.events import sentence_for


class Entry(models.Model):
    """One thing that happened. Only ever inserted: the app role holds no UPDATE or DELETE here.

    No foreign keys: an entry must stand when the row it speaks of is gone.
    """

    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    event = models.CharField(max_length=80)
    by = models.UUIDField(null=True)
    about = models.UUIDField(null=True)
    payload = models.JSONField()

    class Meta:
        verbose_name_plural = "entries"
        # Each serves a search, newest first, without a sort. The last one serves keys, values and words alike: a
        # second one for words would slow every insert. Its waiting list is long, so that inserts seldom empty it
        # (bench/ledger_search.py).
        indexes = [
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
        neutral = ("id", "at", "recorded_at", "event", "payload")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Proofs must keep verifying (GDPR Article 5); without the account the opaque id leads to nobody."
        app_may = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return sentence_for(self.event, self.payload)
