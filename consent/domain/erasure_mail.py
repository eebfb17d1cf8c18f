"""The mail that confirms an erasure, with the link that works when the account is gone. Sent after the commit."""

import logging

from django.db import transaction
from django.template.loader import render_to_string

from accounts.domain.mail import mail_to_stranger, send
from consent.models import Erasure

logger = logging.getLogger(__name__)


def tell_person(erasure: Erasure, address: str, *, link: str) -> None:
    """Mail the link once this commits. A mail that does not leave stops nothing: the page shows the link too.

    They are a stranger by then: there is nothing left to leave.
    """
    context = {"erasure": erasure, "link": link}
    subject = render_to_string("mail/erasure_subject.txt", context).strip()
    mail = mail_to_stranger(address, subject=subject, text=render_to_string("mail/erasure.txt", context))

    def _send() -> None:
        try:
            send([mail])
        except OSError as refusal:  # SMTP's errors are among these
            logger.warning("The confirmation of %s could not be mailed: %s.", erasure.reference, type(refusal).__name__)

    transaction.on_commit(_send)
