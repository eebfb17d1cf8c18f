"""The fence: whether this database is where it was when it last knew of everybody who left (design §7, ADR 18)."""

from django.db import models
from django.db.models import Q


class Fence(models.Model):
    """One row. `mark` is the place in which the data was brought up to date; in any other the gate stays shut.

    Read by the gate (consent/sql/gate.sql); changed by functions alone (consent/sql/fence.sql).
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    mark = models.TextField(help_text="Cluster, timeline, database and table, as PostgreSQL numbers them.")
    server_started_at = models.DateTimeField(
        db_default=models.Func(function="pg_postmaster_start_time"),
        help_text="When the server had started whose data was last compared with the journal.",
    )
    lowered_at = models.DateTimeField()
    raised_at = models.DateTimeField(null=True, help_text="When the journal was seen to know more than the database.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="fence_is_one_row")]

    class Privacy:
        holds = "Whether the journal of those who left has been replayed where the data lies now."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "mark", "server_started_at", "lowered_at", "raised_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT",)


class JournalMark(models.Model):
    """How far the journal outside is known here: so many bytes, and the digest of the line that ends there.

    Every act of this company that has its line before that place is in this database (consent/domain/journal.py).
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="journal_mark_is_one_row")]

    class Privacy:
        holds = "How far the journal of those who left is known here."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "position", "digest")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT", "INSERT", "UPDATE (position, digest)")


class Unjournaled(models.Model):
    """A line that the journal could not take when somebody left. A full disk keeps nobody; it is written later."""

    person = models.UUIDField()
    line = models.JSONField()

    class Meta:
        verbose_name_plural = "unjournaled"

    class Privacy:
        holds = "That you left, until the journal outside the database has taken it down."
        about = "person"
        personal = ()
        pseudonymous = ("person", "line")
        neutral = ("id",)
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Without it a restored backup could bring you back; it goes as soon as the journal has it."
        app_may = ("SELECT", "INSERT", "DELETE")
