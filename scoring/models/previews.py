"""What a model would do to the people of this company, in figures about groups; and who looked before approving."""

from django.db import models
from django.db.models.functions import Now


class ModelPreview(models.Model):
    """One model beside the one in effect, over the same counts. Written by the engine's function alone."""

    pk = models.CompositePrimaryKey("digest", "against")
    digest = models.CharField(max_length=64)
    against = models.CharField(max_length=64, help_text="The digest of the model in effect at the time.")
    figures = models.JSONField(help_text="About groups of five or more; numbers of people rounded down to fives.")
    made_at = models.DateTimeField(db_default=Now())

    class Privacy:
        holds = "What a model would do, in figures about groups."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("digest", "against", "figures", "made_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about fewer than five people."
        app_may = ("SELECT",)


class PreviewOpened(models.Model):
    """That somebody opened the preview of a proposed model."""

    pk = models.CompositePrimaryKey("proposal", "person")
    proposal = models.UUIDField()
    person = models.UUIDField()
    opened_at = models.DateTimeField(db_default=Now())

    class Privacy:
        holds = "That you looked at what a model would do before you decided on it."
        about = "person"
        personal = ("opened_at",)
        pseudonymous = ("person",)
        neutral = ("proposal",)
        keeps_for = None
        on_erasure = "delete"
        app_may = ("SELECT", "INSERT")
