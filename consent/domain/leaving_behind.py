"""What follows for the company when somebody is erased. It is said before; it stops nobody."""

from accounts.models import Person, RoleHeld
from accounts.states import Role
from consent.models import Proposal
from consent.states import ProposalState


def what_follows(person: Person) -> list[str]:
    """Say in sentences what would go on without this person, or would not."""
    sentences = []
    if _is_last_owner(person):
        sentences.append(
            "You are the only owner. The company goes on without one until the operator invites another; until then"
            " nobody can let people in."
        )
    waiting = Proposal.objects.waiting_for(person).count()
    if waiting:
        sentences.append(
            f"{waiting} {'proposal waits' if waiting == 1 else 'proposals wait'} for your decision. What is left"
            " without enough people to decide stays undecided."
        )
    written = Proposal.objects.written_by(person).filter(state=ProposalState.OPEN).count()
    if written:
        sentences.append(
            f"{written} {'proposal' if written == 1 else 'proposals'} of yours can still be decided on by others, under"
            " an opaque id."
        )
    return sentences


def _is_last_owner(person: Person) -> bool:
    owners = RoleHeld.objects.filter(role=Role.OWNER, person__is_active=True)
    return owners.filter(person=person).exists() and not owners.exclude(person=person).exists()
