"""Mail to people of a company: a subject and a text from templates, a link to a page, sent after the commit.

The page is the truth: mail that does not leave is logged, and undoes nothing.
"""

import logging
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.domain import mail
from accounts.domain.addresses import site_of
from accounts.models import Person
from accounts.tenants.context import current_schema, in_public
from accounts.tenants.models import Company

logger = logging.getLogger(__name__)


def mail_people(
    occasion: str, to: Iterable[Person], *, page: str = "", arguments: Iterable[object] = (), **words: object
) -> None:
    """Mail everybody the same words: `mail/<occasion>_subject.txt` and `mail/<occasion>.txt`.

    :param page: the name of the page that `link` leads to, with its `arguments`
    """
    to = list(to)
    if not to:
        return
    schema = current_schema()
    with in_public():
        company = Company.objects.select_related("host").get(schema_name=schema)
    urlconf = settings.PUBLIC_SCHEMA_URLCONF if schema == settings.PLATFORM_SCHEMA else settings.ROOT_URLCONF
    path = reverse(page, args=list(arguments), urlconf=urlconf) if page else ""
    words |= {"company": company.name, "link": site_of(company.host.domain) + path}
    subject = render_to_string(f"mail/{occasion}_subject.txt", words).strip()
    text = render_to_string(f"mail/{occasion}.txt", words)
    transaction.on_commit(partial(_send, occasion, mail.mails_to(to, subject=subject, text=text)))


def _send(occasion: str, mails: list[EmailMessage]) -> None:
    try:
        mail.send(mails)
    except OSError as refusal:  # SMTP's errors are among these
        logger.warning("Mail (%s) did not leave: %s.", occasion, type(refusal).__name__)
