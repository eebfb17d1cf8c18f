"""What two others decide. The app adds rows here; PostgreSQL alone says what they come to.

Every table is insert-only or read-only for the app. Triggers (consent/sql/approvals.sql) set instants by the
database's clock, refuse what Article 6 refuses, and move states. People stand here as opaque ids without a foreign
key: a decision is evidence, and stands when its person has gone.
"""

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, TextField, UUIDField, Value
from django.db.models.functions import Now

from accounts.models import Person
from accounts.states import Role
from consent.states import ProposalKind, ProposalState, Verb


class ApprovalPolicy(models.Model):
    """One version of who decides on one kind. Never fewer than two; changed by a proposal alone."""

    kind = models.CharField(max_length=20, choices=ProposalKind)
    version = models.PositiveSmallIntegerField()
    approvals_needed = models.PositiveSmallIntegerField()
    decided_by = ArrayField(models.CharField(max_length=12, choices=Role))
    expires_after = models.DurationField(help_text="From opening until nobody can approve it any more.")
    execution_window = models.DurationField(help_text="From then until it can no longer take effect.")
    is_current = models.BooleanField(default=False)
    in_force_at = models.DateTimeField()
    proposal = models.UUIDField(null=True, help_text="What brought it in; null for the first.")

    class Meta:
        verbose_name_plural = "approval policies"
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="policy_version_once"),
            models.UniqueConstraint(fields=["kind"], condition=Q(is_current=True), name="policy_one_current"),
            models.CheckConstraint(condition=Q(approvals_needed__gte=2), name="policy_needs_two"),
            models.CheckConstraint(condition=Q(decided_by__len__gte=1), name="policy_names_deciders"),
            models.CheckConstraint(
                condition=Q(decided_by__contained_by=[Role.APPROVER, Role.STEWARD, Role.OFFICER]),
                name="policy_deciders_are_approved",
            ),
            models.CheckConstraint(
                condition=Q(expires_after__gte=timedelta(hours=1), execution_window__gte=timedelta(hours=1)),
                name="policy_leaves_time",
            ),
        ]

    class Privacy:
        holds = "Who decides on one kind of proposal, and how many it takes."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = (
            "id",
            "kind",
            "version",
            "approvals_needed",
            "decided_by",
            "expires_after",
            "execution_window",
            "is_current",
            "in_force_at",
            "proposal",
        )
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT",)


class ProposalQuerySet(models.QuerySet):
    def with_standing(self) -> "ProposalQuerySet":
        """Say of each how it stands by the database's clock and the roles held now."""
        return self.annotate(standing=Func(F("pk"), function="consent_standing", output_field=TextField()))

    def waiting_for(self, person: Person) -> "ProposalQuerySet":
        """Those whose approval this person may give and has not given."""
        may = self._decided_on_by(person)
        return self.with_standing().filter(state=ProposalState.OPEN).filter(may, standing=ProposalState.OPEN)

    @staticmethod
    def _decided_on_by(person: Person) -> Func:
        who = Value(person.pk, UUIDField())
        return Func(F("pk"), who, function="consent_can_decide", output_field=BooleanField())

    def seen_by(self, person: Person, *, decides: bool) -> "ProposalQuerySet":
        """Who decides by role sees all of them; others what they wrote, what is about them, and what they decide on."""
        written = Editor.objects.filter(proposal=OuterRef("pk"), person=person.pk)
        decided = Decision.objects.filter(proposal=OuterRef("pk"), person=person.pk)
        return self if decides else self.filter(Exists(written) | Exists(decided) | Q(self._decided_on_by(person)))

    def written_by(self, person: Person) -> "ProposalQuerySet":
        return self.with_standing().filter(editors__person=person.pk).exclude(state=ProposalState.SUPERSEDED)


class Proposal(models.Model):
    """One version of something two others must decide: frozen with its first breath."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=ProposalKind)
    thing = models.CharField(max_length=120, help_text="What it changes, worked out by PostgreSQL from the payload.")
    version = models.PositiveIntegerField()
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="superseded_by")
    payload = models.TextField(help_text="Canonical JSON, RFC 8785.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the payload; PostgreSQL works it out too.")
    author = models.UUIDField()
    policy = models.ForeignKey(
        ApprovalPolicy, on_delete=models.PROTECT, related_name="opened_under", help_text="In force when it was opened."
    )
    state = models.CharField(max_length=12, choices=ProposalState, default=ProposalState.OPEN)
    opened_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    execute_before = models.DateTimeField()
    executed_at = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["thing", "-opened_at"], name="proposal_of_thing")]
        constraints = [
            models.UniqueConstraint(
                fields=["thing"], condition=Q(state=ProposalState.OPEN), name="proposal_open_once_a_thing"
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.EXECUTED, executed_at__isnull=False)
                | (~Q(state=ProposalState.EXECUTED) & Q(executed_at__isnull=True)),
                name="proposal_executed_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__lt=F("expires_at"), expires_at__lt=F("execute_before")),
                name="proposal_clocks_in_order",
            ),
        ]

    class Privacy:
        holds = "Something that two others decide on, in its exact words."
        about = "author"
        personal = ("payload",)
        pseudonymous = ("author", "thing")
        neutral = (
            "id",
            "kind",
            "version",
            "supersedes",
            "digest",
            "policy",
            "state",
            "opened_at",
            "expires_at",
            "execute_before",
            "executed_at",
        )
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Evidence of who decided what (Article 6); without the account the opaque id leads to nobody."
        app_may = ("SELECT", "INSERT")


class Editor(models.Model):
    """Somebody who may not decide on a version: they wrote it, one before it, or it is about them."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="editors")
    person = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "person"], name="editor_once")]

    class Privacy:
        holds = "Who had a hand in a proposal and may not decide on it."
        about = "person"
        personal = ()
        pseudonymous = ("person",)
        neutral = ("id", "proposal")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Evidence of who decided what (Article 6); without the account the opaque id leads to nobody."
        app_may = ("SELECT",)


class Decision(models.Model):
    """What one person said of the digest they saw. Never changed, never taken back."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="decisions")
    digest = models.CharField(max_length=64)
    person = models.UUIDField()
    verb = models.CharField(max_length=10, choices=Verb)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(db_default=Now())
    authenticated_at = models.DateTimeField(null=True, help_text="When they last proved that it is them.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "person"], name="decision_once")]

    class Privacy:
        holds = "What somebody decided, and their reason."
        about = "person"
        personal = ("verb", "reason", "decided_at", "authenticated_at")
        pseudonymous = ("person",)
        neutral = ("id", "proposal", "digest")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Evidence of who decided what (Article 6); without the account the opaque id leads to nobody."
        app_may = ("SELECT", "INSERT")


class Execution(models.Model):
    """A proposal takes effect. Adding this row is the effect: a trigger checks everything and does it, or refuses."""

    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, primary_key=True, related_name="execution")
    executed_at = models.DateTimeField(db_default=Now())
    executed_by = models.UUIDField()
    transaction = models.BigIntegerField(help_text="PostgreSQL's number of the transaction that holds the effect.")

    class Privacy:
        holds = "That a proposal took effect, and who saw to it."
        about = "executed_by"
        personal = ()
        pseudonymous = ("executed_by",)
        neutral = ("proposal", "executed_at", "transaction")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Evidence of who decided what (Article 6); without the account the opaque id leads to nobody."
        app_may = ("SELECT", "INSERT")


class Founding(models.Model):
    """Whether the company has had two who can decide. One row; once it is founded, it stays so."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    founded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="founding_is_one_row")]

    class Privacy:
        holds = "Whether the company has had two who can decide."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("id", "founded_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT",)


class MatterRule(models.Model):
    """What PostgreSQL must know of a kind of proposal that belongs to an app above: rows written by migrations alone.

    `checked_by(payload jsonb)` says whether what it names is here, or refuses. `done_by(proposal uuid)` is the effect;
    since anybody can call it, it looks for itself whether the proposal takes effect in this very transaction.
    """

    kind = models.CharField(max_length=20, primary_key=True, choices=ProposalKind)
    fields = ArrayField(models.CharField(max_length=40), help_text="Of the payload, in order.")
    about = models.CharField(max_length=40, help_text="The field that names what it changes; none such: one for all.")
    checked_by = models.CharField(max_length=63)
    done_by = models.CharField(max_length=63)

    class Privacy:
        holds = "What a kind of proposal consists of."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("kind", "fields", "about", "checked_by", "done_by")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT",)


class Reminder(models.Model):
    """That the deciders were reminded of a proposal's deadline: once."""

    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, primary_key=True, related_name="reminder")
    reminded_at = models.DateTimeField()

    class Privacy:
        holds = "That a proposal’s deadline was recalled."
        about = None
        personal = ()
        pseudonymous = ()
        neutral = ("proposal", "reminded_at")
        keeps_for = None
        on_erasure = "keep"
        kept_because = "Says nothing about anybody."
        app_may = ("SELECT", "INSERT")
