"""Drafting a model, and handing it to those who decide."""

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from consent.domain.approvals import propose
from consent.domain.approvals_refused import NotProposed
from consent.models import Proposal
from consent.states import ProposalState
from scoring.domain.model_change import ModelChange
from scoring.domain.model_numbers import Numbers, faults
from scoring.models import ModelDraft, ModelVersion


def current_model() -> ModelVersion:
    """The version in effect, with its terms."""
    return ModelVersion.objects.prefetch_related("terms").get(is_current=True)


def save_draft(
    draft: ModelDraft | None, numbers: Numbers, *, name: str, reason: str, by: Person, at: datetime
) -> ModelDraft:
    """Keep numbers to think about. They need not be a model yet."""
    draft = draft or ModelDraft()
    draft.name, draft.reason = name, reason
    draft.half_life_days, draft.minimum_colleagues = numbers.half_life_days, numbers.minimum_colleagues
    draft.terms = numbers.listed()
    draft.edited_by, draft.edited_at = by.pk, at
    draft.save()
    return draft


def numbers_of(draft: ModelDraft) -> Numbers:
    return Numbers.told(vars(draft))


@transaction.atomic
def propose_draft(draft: ModelDraft, *, by: Person, at: datetime) -> Proposal:
    """Freeze a draft's numbers for two others to decide on. One that was sent back before is replaced.

    :raises NotProposed: it is no model, nothing would change, or another model is being decided on
    """
    numbers = numbers_of(draft)
    if wrong := list(faults(numbers)):
        raise NotProposed(" ".join(wrong))
    if numbers.digest == current_model().digest:
        raise NotProposed("These are the numbers of the model in effect. Change something, then propose it.")
    if not draft.reason.strip():
        raise NotProposed("Say why: whoever decides reads it.")
    change = ModelChange.of(numbers, name=draft.name, reason=draft.reason)
    proposal = propose(change, by=by, at=at, supersedes=_sent_back())
    draft.delete()
    return proposal


def _sent_back() -> Proposal | None:
    """The newest one, if its author was asked for another version of it."""
    newest = Proposal.objects.filter(kind=ModelChange.kind).order_by("-opened_at").first()
    return newest if newest and newest.state == ProposalState.SENT_BACK else None
