"""What two others decide: proposing, deciding, taking effect. PostgreSQL upholds all of it (consent/sql/approvals.sql).

The domain asks PostgreSQL and says its refusals in words; it decides nothing that raw SQL could go around.
"""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.errors import refused_as
from accounts.events import RoleGiven
from accounts.models import Person
from consent import events
from consent.audit.domain.recording import record
from consent.audit.events import Event
from consent.domain.approvals_mail import ask_deciders, tell_author
from consent.domain.approvals_refused import SENTENCES
from consent.domain.canonical import canonical, digest_of
from consent.domain.matters import Matter, RoleGift, matter_of
from consent.models import Decision, Execution, Proposal
from consent.states import Verb

_DECIDED: dict[Verb, type[Event]] = {
    Verb.APPROVE: events.ProposalApproved,
    Verb.SEND_BACK: events.ProposalSentBack,
    Verb.REJECT: events.ProposalRejected,
    Verb.WITHDRAW: events.ProposalWithdrawn,
}


def propose(matter: Matter, *, by: Person, at: datetime, supersedes: Proposal | None = None) -> Proposal:
    """Freeze what is proposed and ask those who can decide, by mail after the commit.

    :param supersedes: the version that this one replaces; its approvals never count again
    :raises NotProposed: with the sentence that says why; TooFewDeciders among them
    """
    payload = canonical(asdict(matter))  # type: ignore[call-overload] # every matter is a dataclass
    with refused_as(SENTENCES):
        proposal = Proposal.objects.create(
            kind=matter.kind, payload=payload, digest=digest_of(payload), author=by.pk, supersedes=supersedes
        )
        proposal.refresh_from_db()
        opened = events.ProposalOpened(proposal.pk, proposal.kind, proposal.version, proposal.digest)
        record(opened, by=by, at=at, about=_about(matter))
        ask_deciders(proposal, author=by)
    return proposal


def approve(proposal: Proposal, *, digest: str, authenticated_at: datetime, by: Person, at: datetime) -> Decision:
    """Record one person's approval of exactly the payload they saw.

    :param authenticated_at: when they last proved that it is them; at most five minutes ago
    :raises NotDecided: OwnProposal, StaleDigest, NotFreshlyAuthenticated and others, each with its sentence
    """
    return _decide(proposal, Verb.APPROVE, digest=digest, authenticated_at=authenticated_at, by=by, at=at)


def send_back(proposal: Proposal, *, digest: str, reason: str, by: Person, at: datetime) -> Decision:
    """Ask the author for another version."""
    return _decide(proposal, Verb.SEND_BACK, digest=digest, reason=reason, by=by, at=at)


def reject(proposal: Proposal, *, digest: str, reason: str, by: Person, at: datetime) -> Decision:
    """End a proposal: no version of it can follow."""
    return _decide(proposal, Verb.REJECT, digest=digest, reason=reason, by=by, at=at)


def withdraw_proposal(proposal: Proposal, *, by: Person, at: datetime) -> Decision:
    """Take back what one wrote, or refuse what is about oneself. Never too late before it takes effect."""
    return _decide(proposal, Verb.WITHDRAW, digest=proposal.digest, by=by, at=at)


def _decide(proposal: Proposal, verb: Verb, *, by: Person, at: datetime, **seen: object) -> Decision:
    with refused_as(SENTENCES):
        decision = Decision.objects.create(proposal=proposal, person=by.pk, verb=verb, **seen)
        why = {"reason": decision.reason} if decision.reason else {}
        entry = _DECIDED[verb](proposal.pk, proposal.kind, proposal.digest, **why)  # type: ignore[call-arg]
        record(entry, by=by, at=at, about=_about(matter_of(proposal)))
        tell_author(proposal, decision)
    return decision


def execute(proposal: Proposal, *, by: Person, at: datetime) -> Execution:
    """Let an approved proposal take effect: once, in its window, the effect and its record as one.

    For a kind whose effect is not in consent/sql/approval_effects.sql, call it in the transaction of the effect.

    :raises NotInEffect: with the sentence that says why
    """
    matter = matter_of(proposal)
    with refused_as(SENTENCES):
        execution = Execution.objects.create(proposal=proposal, executed_by=by.pk)
        executed = events.ProposalExecuted(proposal.pk, proposal.kind, proposal.digest)
        record(executed, by=by, at=at, about=_about(matter))
        if isinstance(matter, RoleGift):
            record(RoleGiven(matter.role), by=by, at=at, about=_about(matter))
        if follows := settings.AFTER_EXECUTION.get(proposal.kind):
            import_string(follows)(proposal, by=by, at=at)
    return execution


def _about(matter: Matter) -> UUID | None:
    concerned = matter.concerns()
    return concerned[0] if len(concerned) == 1 else None
