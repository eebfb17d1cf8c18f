"""The mail that confirms an erasure, with the link that works when the account is gone. Sent after the commit."""

import logging
from functools import partial

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from consent.models import Erasure

logger = logging.getLogger(__name__)


def tell_person(erasure: Erasure, address: str, *, link: str) -> None:
    """Mail the link once this commits. A mail that does not leave stops nothing: the page shows the link too."""
    context = {"erasure": erasure, "link": link}
    subject = render_to_string("mail/erasure_subject.txt", context).strip()
    text = render_to_string("mail/erasure.txt", context)
    transaction.on_commit(partial(_send, erasure, EmailMessage(subject, text, to=[address])))


def _send(erasure: Erasure, mail: EmailMessage) -> None:
    try:
        mail.send()
    except OSError as refusal:  # SMTP's errors are among these
        logger.warning("The confirmation of %s could not be mailed: %s.", erasure.reference, type(refusal).__name__)
