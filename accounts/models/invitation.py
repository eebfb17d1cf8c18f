"""An invitation: a link, known only to the mail it went out in."""

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.states import InvitationState, Role


class Invitation(models.Model):
    """An offer to join with certain roles. The link's token is kept as a SHA-256 digest only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField()
    roles = ArrayField(models.CharField(max_length=12, choices=Role), default=list, blank=True)
    token_digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=InvitationState, default=InvitationState.OPEN)
    invited_at = models.DateTimeField()
    invited_by = models.UUIDField(null=True)
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, help_text="Null until a mail server has taken the link.")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.UUIDField(null=True)
    comes_back = models.BooleanField(
        default=False, help_text="Whoever accepted was erased once and wants to be here again."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(state=InvitationState.OPEN),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(state=InvitationState.ACCEPTED, accepted_at__isnull=False)
                | (~Q(state=InvitationState.ACCEPTED) & Q(accepted_at__isnull=True)),
                name="invitation_accepted_has_instant",
            ),
        ]

    class Privacy:
        holds = "An invitation to join, sent to an e-mail address."
        about = "accepted_by"
        personal = ("email", "roles")
        pseudonymous = ("id", "invited_by", "accepted_by")
        neutral = ("token_digest", "state", "invited_at", "expires_at", "mailed_at", "accepted_at", "comes_back")
        keeps_for = timedelta(weeks=52)
        ages_by = "invited_at"
        on_erasure = "delete"
        withheld = {"token_digest": "It leads to the link of the invitation, and says nothing else."}
        app_may = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __str__(self):
        return self.email

    def role_labels(self) -> list[str]:
        return [Role(role).label for role in self.roles]
