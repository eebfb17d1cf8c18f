"""What waits for decision in the demo: made through the product's own doors, so that the inbox has something in it."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from accounts.states import Role
from consent.domain.approvals import approve, execute, propose, reject
from consent.domain.matters import Wording
from consent.domain.role_proposals import propose_role
from consent.models import Proposal, PurposeVersion
from consent.states import PurposeKey
from scoring.domain import live
from scoring.domain.model_drafts import current_model, save_draft
from scoring.domain.model_numbers import Numbers
from scoring.states import Preparation

SHORTER = (
    "Your score may open a perk to you. There is always another way to the same perk for those who are not scored."
    " Say no to any perk you like: it changes nothing, and leaving takes nothing back."
)
PREPARED = {
    Preparation.NOTICE: (
        "From this month on you can ask for an engagement score. It counts with how many different colleagues you deal"
        " in the sources that you choose, never what you write. It is for you alone, never for pay, rating or"
        " dismissal. Whoever does not ask for it is not scored, and nobody is told who did."
    ),
    Preparation.CONSULTATION: "The works council was heard on 2 October and agreed, if it sees the audit.",
    Preparation.LAWFUL_BASIS: "Each person’s own consent; every perk has another way to it, so that no costs nothing.",
    Preparation.OVERSEER: "Looks at every run and every dispute once a month, and may switch scoring off.",
}
KINDER = "Three weeks away took a third of the points of those who forget to pause."


@transaction.atomic
def make_proposals(cast: dict[str, Person], *, at: datetime) -> None:
    """Make one of each outcome, once: waiting, waiting for a second, rejected, and in effect."""
    if Proposal.objects.exists() or "second-approver" not in cast:
        return
    owner, piet, paula = cast["owner"], cast["approver"], cast["second-approver"]
    _yes(_wording(by=cast["officer"], at=at), cast["steward"], at=at)
    others = Person.objects.filter(roles=None).exclude(pk__in=[person.pk for person in cast.values()])
    first, second, third = others.order_by("email")[:3]
    propose_role(first, role=Role.OFFICER, by=owner, at=at)
    refused = propose_role(second, role=Role.APPROVER, by=owner, at=at)
    reject(refused, digest=refused.digest, reason="She leaves at the end of the month.", by=piet, at=at)
    given = propose_role(third, role=Role.STEWARD, by=owner, at=at)
    _yes(given, piet, paula, at=at)
    execute(given, by=owner, at=at)
    slower = replace(Numbers.of(current_model()), half_life_days=45)
    save_draft(None, slower, name="Kinder to holidays", reason=KINDER, by=cast["steward"], at=at)


@transaction.atomic
def go_live(cast: dict[str, Person], *, at: datetime) -> None:
    """Tell everybody, hear, weigh, name an overseer; then two others switch scoring on. Notice is short in a demo."""
    if live.switch() or "second-approver" not in cast:
        return
    owner = cast["owner"]
    for kind, text in PREPARED.items():
        overseer = cast["officer"] if kind is Preparation.OVERSEER else None
        live.prepare(kind, text=text, overseer=overseer, by=owner, at=at)
    proposal = live.propose_going_live(notice_days=0, reason="A demo waits ten days for nobody.", by=owner, at=at)
    _yes(proposal, cast["approver"], cast["second-approver"], at=at)
    execute(proposal, by=owner, at=at)


def _wording(*, by: Person, at: datetime) -> Proposal:
    current = Wording.of(PurposeVersion.objects.current().get(purpose=PurposeKey.PERKS))
    return propose(replace(current, version=current.version + 1, text=SHORTER), by=by, at=at)


def _yes(proposal: Proposal, *people: Person, at: datetime) -> None:
    for person in people:
        approve(proposal, digest=proposal.digest, authenticated_at=timezone.now(), by=person, at=at)
