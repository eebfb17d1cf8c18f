"""Mail about proposals: a link to the page and its deadline, never what it says. Sent after the commit."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from accounts.domain.company_mail import mail_people
from accounts.models import Person
from consent.domain.approvals_seen import deciders_left, standing_of
from consent.models import Decision, Proposal, Reminder
from consent.states import APPROVED, ProposalState, Verb

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
    _mail("exported", proposal, to=people)


def _mail(occasion: str, proposal: Proposal, *, to: Iterable[Person], **words: object) -> None:
    page = ("mine:uses", ()) if occasion == "exported" else ("manage:approval", (proposal.pk,))
    mail_people(f"approval_{occasion}", to, page=page[0], arguments=page[1], proposal=proposal, **words)
