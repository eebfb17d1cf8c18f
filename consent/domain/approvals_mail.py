"""Mail about proposals: a link to the page and its deadline, never what it says. Sent after the commit.

The inbox is the truth: mail that does not leave is logged, and undoes nothing.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.domain.addresses import site_of
from accounts.models import Person
from accounts.tenants.context import current_schema, in_public
from accounts.tenants.models import Company
from consent.domain.approvals_seen import deciders_left, standing_of
from consent.models import Decision, Proposal, Reminder
from consent.states import APPROVED, ProposalState, Verb

logger = logging.getLogger(__name__)

REMIND_BEFORE = timedelta(hours=24)


def ask_deciders(proposal: Proposal, *, author: Person) -> None:
    """Ask everyone who can decide."""
    _mail("asked", proposal, to=deciders_left(proposal), author=author.name)


def tell_author(proposal: Proposal, decision: Decision) -> None:
    """Tell the author what a decision came to: that it is approved, or that it was stopped."""
    standing = standing_of(proposal)
    if decision.verb != Verb.WITHDRAW and standing != ProposalState.OPEN:
        author = Person.objects.filter(pk=proposal.author, is_active=True)
        _mail("decided", proposal, to=author, is_approved=standing == APPROVED, verb=Verb(decision.verb).label)


def remind_deciders(*, at: datetime) -> None:
    """Remind those who have not decided, once, when a day is left."""
    waiting = Proposal.objects.with_standing().filter(
        state=ProposalState.OPEN, standing=ProposalState.OPEN, expires_at__lte=at + REMIND_BEFORE, reminder=None
    )
    for proposal in waiting:
        with transaction.atomic():
            _, is_first = Reminder.objects.get_or_create(proposal=proposal, defaults={"reminded_at": at})
            if is_first:
                _mail("reminded", proposal, to=deciders_left(proposal))


def tell_exported(proposal: Proposal, people: Iterable[Person]) -> None:
    """Tell those concerned that an officer has exported what is kept of them, and where they read why."""
    _mail("exported", proposal, to=people, page=reverse("mine:uses", urlconf=settings.ROOT_URLCONF))


def _mail(occasion: str, proposal: Proposal, *, to: Iterable[Person], page: str = "", **words: object) -> None:
    schema = current_schema()
    with in_public():
        company = Company.objects.select_related("host").get(schema_name=schema)
    page = page or reverse("manage:approval", args=[proposal.pk], urlconf=settings.ROOT_URLCONF)
    words |= {"company": company.name, "link": site_of(company.host.domain) + page, "proposal": proposal}
    subject = render_to_string(f"mail/approval_{occasion}_subject.txt", words).strip()
    text = render_to_string(f"mail/approval_{occasion}.txt", words)
    mails = [EmailMessage(subject, text, to=[person.email]) for person in to]
    transaction.on_commit(partial(_send, proposal.pk, mails))


def _send(proposal: UUID, mails: list[EmailMessage]) -> None:
    try:
        get_connection().send_messages(mails)
    except OSError as refusal:  # SMTP's errors are among these
        logger.warning("Mail about proposal %s did not leave: %s.", proposal, type(refusal).__name__)
