"""Counting as it happens: what a source sends by itself, and the little of it that is kept until its week is over."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

from accounts.models import Person
from consent.models import OpenGrant, Source
from consent.states import PurposeKey
from scoring.states import InboxService, Kind


class Inbox(models.Model):
    """That a source may send events, of which service, and what they are signed with."""

    source = models.OneToOneField(Source, on_delete=models.PROTECT, primary_key=True, related_name="inbox")
    service = models.CharField(max_length=12, choices=InboxService)
    sealed_secret = models.BinaryField(help_text="AES-GCM under a key made of SECRET_KEY (scoring/inbox/secrets.py).")
    sealed_before = models.BinaryField(null=True, help_text="The one before: both are good until it is taken away.")
    is_open = models.BooleanField(default=True)
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField()
    closed_through = models.DateField(null=True, help_text="Monday of the last week that is counted and closed.")
    keys_gone_at = models.DateTimeField(null=True, help_text="When the keys of closed weeks were last wiped from disk.")

    class Privacy:
        holds = "That a source sends what happens by itself."
        about = "opened_by"
        personal = ()
        pseudonymous = ("opened_by",)
        neutral = (
            "source", "service", "sealed_secret", "sealed_before", "is_open", "opened_at", "closed_through",
            "keys_gone_at",
        )  # fmt: skip
        keeps_for = None
        on_erasure = "blank"
        withheld = {"sealed_secret": "It signs events of the company.", "sealed_before": "It signed them before."}
        app_may = ("SELECT", "INSERT", "UPDATE (service, sealed_secret, sealed_before, is_open)")


class InboxDay(models.Model):
    """How many events of a source, on one day, ended how. Numbers, never whose."""

    pk = models.CompositePrimaryKey("source_id", "day", "outcome")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="inbox_days")
    day = models.DateField()
    outcome = models.CharField(max_length=11)
    events = models.BigIntegerField()

    class Privacy:
        holds = "How many events a source sent on a day, by what became of them."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("source", "day", "outcome", "events")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT",)


class Delivery(models.Model):
    """A delivery that was taken in, so that the same one counts as nothing when it comes again."""

    pk = models.CompositePrimaryKey("source_id", "digest")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_index=False, related_name="deliveries")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of the service's own number of it.")
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["taken_at"], name="delivery_oldest")]

    class Privacy:
        holds = "That a delivery was taken in, by the digest of its number."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("source", "digest", "taken_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody; the next week's closing deletes it."
        app_may = ("SELECT",)


class WeekKey(models.Model):
    """The key of one week that is going on. Whoever closes the week destroys it; nobody but the engine reads it."""

    pk = models.CompositePrimaryKey("source_id", "week")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_index=False, related_name="week_keys")
    week = models.DateField()
    key = models.BinaryField(max_length=32)

    class Privacy:
        holds = "The key under which the colleagues of a week that is going on are numbered."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("source", "week", "key")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody, and goes when its week is over."
        app_may = ("SELECT (source_id, week)",)


class Sighting(models.Model):
    """In a week that is going on: one colleague with whom somebody dealt, as a number under the week's key."""

    pk = models.CompositePrimaryKey("person_id", "grant_id", "kind", "week", "colleague")
    person = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="sightings"
    )
    grant = models.ForeignKey(
        OpenGrant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="sightings"
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)
    week = models.DateField()
    colleague = models.BinaryField(max_length=16)

    class Meta:
        indexes = [models.Index(fields=["week"], name="sighting_of_week")]

    class Privacy:
        holds = "With whom you dealt in the week that is going on, as numbers that nobody can read back."
        about = "person"
        personal = ("kind", "week", "colleague")
        pseudonymous = ("person", "grant")
        neutral = ()
        keeps_for = timedelta(weeks=3)
        kept_by = PurposeKey.SCORING
        ages_by = "week"
        on_erasure = "delete"
        withheld = {"colleague": "It stands for somebody else, under a key that nobody reads."}
        app_may = ("SELECT",)
        gated = True


class Handle(models.Model):
    """What a service calls somebody who granted its source, as its own list of people says."""

    pk = models.CompositePrimaryKey("person_id", "grant_id")
    person = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="handles"
    )
    grant = models.ForeignKey(
        OpenGrant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="handles"
    )
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="handles")
    handle = models.CharField(max_length=200, help_text="In small letters.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "handle"], name="handle_once_a_source")]

    class Privacy:
        holds = "What a service calls you, so that its events can be counted as yours."
        about = "person"
        personal = ("handle",)
        pseudonymous = ("person", "grant")
        neutral = ("source",)
        keeps_for = timedelta(weeks=104)
        kept_by = PurposeKey.SCORING
        ages_by = "grant__grant__granted_at"
        on_erasure = "delete"
        app_may = ("SELECT",)
        gated = True
