"""The model in plain words: numbers that follow from it, for its page and for the words beside each part of a score."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from consent.domain.approvals_seen import names_of
from consent.domain.matters import matter_of
from consent.models import Proposal
from consent.states import Verb
from scoring.domain.model_change import ModelChange
from scoring.models import ModelTerm, ModelVersion
from scoring.states import OWN_ACTS, Kind

MILLION = 1_000_000
EXAMPLE_COLLEAGUES = 10


@dataclass(frozen=True)
class Term:
    """One kind's line on the card. `steady` a week, week after week, earn half of `weight`."""

    kind: Kind
    weight: int
    halfway: int
    steady: Decimal


@dataclass(frozen=True)
class Card:
    model: ModelVersion
    terms: tuple[Term, ...]
    alone: int  # points that somebody can reach whom nobody ever answers
    fading: tuple[tuple[int, Decimal], ...]


def current_card() -> Card:
    """The card of the model in effect."""
    return card_of(ModelVersion.objects.prefetch_related("terms").get(is_current=True))


def card_of(model: ModelVersion) -> Card:
    """The card of one version, its heaviest terms first."""
    terms = sorted(model.terms.all(), key=lambda term: (-term.weight, term.kind))
    alone = sum(term.weight for term in terms if term.kind in OWN_ACTS)
    return Card(model, tuple(_term(model, term) for term in terms), alone, _fading(model))


@dataclass(frozen=True)
class Approval:
    """Who proposed a version, why, and which two others approved exactly these numbers."""

    proposal: Proposal
    author: str
    reason: str
    approvers: tuple[tuple[str, datetime], ...]


def approval_of(model: ModelVersion) -> Approval | None:
    """None for the model that came with the company."""
    if model.proposal is None:
        return None
    proposal = Proposal.objects.get(pk=model.proposal)
    said_yes = list(proposal.decisions.filter(verb=Verb.APPROVE).order_by("decided_at"))
    names = names_of([proposal.author, *(decision.person for decision in said_yes)])
    approvers = tuple((names[decision.person], decision.decided_at) for decision in said_yes)
    return Approval(proposal, names[proposal.author], _reason(proposal), approvers)


def _reason(proposal: Proposal) -> str:
    matter = matter_of(proposal)
    return matter.reason if isinstance(matter, ModelChange) else ""


def steady_colleagues(model: ModelVersion, halfway: int) -> Decimal:
    """How many different colleagues every week add up, faded, to `halfway` weighed ones: a geometric series."""
    return _rounded(Decimal(halfway * (1 - 2 ** (-7 / model.half_life_days))))


def _term(model: ModelVersion, term: ModelTerm) -> Term:
    return Term(Kind(term.kind), term.weight, term.halfway, steady_colleagues(model, term.halfway))


def _fading(model: ModelVersion) -> tuple[tuple[int, Decimal], ...]:
    """What a week with ten colleagues still weighs after none, one, two and four half-lives."""
    ages = [model.half_life_days * times for times in (0, 1, 2, 4)]
    known = [age for age in ages if age < len(model.decay)]
    return tuple((age, _rounded(Decimal(EXAMPLE_COLLEAGUES * model.decay[age]) / MILLION)) for age in known)


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"), ROUND_HALF_UP)
