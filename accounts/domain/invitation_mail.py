"""The mail with an invitation's link: sent after the commit, so that no link leaves for a row that never was."""

import logging
from datetime import datetime
from functools import partial

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.domain import mail
from accounts.errors import DomainError
from accounts.models import Invitation, Person
from accounts.tenants.context import current_company_name, current_schema, in_schema

logger = logging.getLogger(__name__)


def mail_after_commit(invitation: Invitation, *, token: str, by: Person | None, link_base: str, at: datetime) -> None:
    """Have the mail sent when the outermost transaction has committed; from there MailNotSent is raised."""
    context = {
        "link": link_base.rstrip("/") + reverse("join", args=[token]),
        "company": current_company_name(),
        "inviter": by.name if by else "",
        "expires_at": invitation.expires_at,
    }
    transaction.on_commit(partial(_send, invitation, context, schema=current_schema(), at=at))


def _send(invitation: Invitation, context: dict[str, object], *, schema: str, at: datetime) -> None:
    subject = render_to_string("mail/invitation_subject.txt", context).strip()
    text = render_to_string("mail/invitation.txt", context)
    try:
        mail.send([mail.mail_to_stranger(invitation.email, subject=subject, text=text)])
    except OSError as refusal:  # SMTP's errors are among these
        logger.warning("Invitation %s could not be mailed: %s.", invitation.pk, type(refusal).__name__)
        raise MailNotSent(
            f"{invitation.email} is invited, but the mail could not be sent: the mail server did not take it."
            " Send it again from the list; if that fails too, tell the operator."
        ) from refusal
    with in_schema(schema):
        Invitation.objects.filter(pk=invitation.pk).update(mailed_at=at)


class MailNotSent(DomainError):
    """The invitation stands, but its link reached nobody."""

    status = 502
