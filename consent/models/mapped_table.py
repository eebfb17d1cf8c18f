"""The data map as PostgreSQL knows it: what its functions delete, blank, purge and search. The owner writes it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class MappedTable(models.Model):
    """One table of the company, as its model's `class Privacy` declares it (design §5)."""

    table = models.CharField(max_length=63, primary_key=True)
    person_rows = models.TextField(
        help_text="Which rows are about a person: a condition on $1, with %1$I for the schema. Empty: none."
    )
    personal = ArrayField(models.CharField(max_length=63), help_text="Columns, as are the next two.")
    pseudonymous = ArrayField(models.CharField(max_length=63))
    neutral = ArrayField(models.CharField(max_length=63))
    actors = ArrayField(
        models.CharField(max_length=63),
        default=list,
        help_text="Columns in which an opaque id is not whom a row is about.",
    )
    on_erasure = models.CharField(max_length=6)
    is_gated = models.BooleanField()
    keeps_for = models.DurationField(null=True)
    kept_by = models.CharField(max_length=20, default="", help_text="The purpose that says how long, where one does.")
    aged_rows = models.TextField(default="", help_text="Which rows are too old, as above; empty where none ever is.")

    class Privacy:
        holds = "What each table holds about people, and what erasure and retention do with it."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = (
            "table", "person_rows", "personal", "pseudonymous", "neutral", "actors", "on_erasure", "is_gated",
            "keeps_for", "kept_by", "aged_rows",
        )  # fmt: skip
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT",)

    def __str__(self) -> str:
        return self.table
