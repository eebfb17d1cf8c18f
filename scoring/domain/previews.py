"""What a model would do to the people of this company, before anybody decides on it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.domain import jobs
from accounts.models import Job, Person
from consent.audit.domain.recording import record
from consent.domain.data_uses import data_use
from consent.models import OpenGrant, Proposal
from consent.states import PurposeKey
from scoring import events
from scoring.domain import reference
from scoring.domain.model_drafts import current_model
from scoring.domain.model_effects import AS_OF, WEEKS
from scoring.domain.model_numbers import Numbers
from scoring.domain.runs import last_full_week
from scoring.models import ModelPreview, PreviewOpened
from scoring.states import OWN_ACTS, Kind

MAKE = "SELECT scoring_make_preview(%s, %s, %s, %s)"
FOUR_FIFTHS = 0.8
Z_95 = 1.96


def preview_of(numbers: Numbers) -> ModelPreview | None:
    """What these numbers would do beside the model in effect now; None: nobody has worked it out."""
    return ModelPreview.objects.filter(digest=numbers.digest, against=current_model().digest).first()


def ask_for_preview(numbers: Numbers, *, back: str, by: Person, at: datetime) -> Job:
    """Have it worked out.

    :param back: the address of the page that shows it
    """
    told = {
        "half_life_days": numbers.half_life_days, "minimum_colleagues": numbers.minimum_colleagues,
        "terms": numbers.listed(), "back": back,
    }  # fmt: skip
    return jobs.start("preview_model", title="Trying a model on what is counted now", arguments=told, by=by, at=at)


@transaction.atomic
def make_preview(numbers: Numbers, *, by: Person | None, at: datetime) -> None:
    """Work it out over everybody who said yes to figures about groups. They can read of it."""
    granted = OpenGrant.objects.filter(purpose=PurposeKey.TEAM_FIGURES)
    people = list(granted.values_list("person_id", flat=True).distinct())
    terms = json.dumps(numbers.listed())
    values: list[Any] = [last_full_week(at), numbers.half_life_days, numbers.minimum_colleagues, terms]
    reason = "Trying a model of the score, in figures about groups"
    with (
        data_use(PurposeKey.TEAM_FIGURES, by=None, about=people, reason=reason, at=at),
        connection.cursor() as cursor,
    ):
        cursor.execute(MAKE, values)
    record(events.ModelTried(numbers.digest), by=by, at=at)


def put_on_record_that_it_was_opened(proposal: Proposal, *, by: Person) -> None:
    PreviewOpened.objects.get_or_create(proposal=proposal.pk, person=by.pk)


def is_opened(proposal: UUID, by: Person) -> bool:
    return PreviewOpened.objects.filter(proposal=proposal, person=by.pk).exists()


@dataclass(frozen=True)
class GroupEffect:
    """One team under one model. `ratio`: its share above the median, over the highest team's (NYC LL 144 and the
    four-fifths rule); `difference`: standardised, against everybody else, with its 95 % confidence interval.
    """

    name: str
    people: int
    rate: float
    ratio: float | None
    difference: float
    low: float
    high: float

    @property
    def is_below_four_fifths(self) -> bool:
        return self.ratio is not None and self.ratio < FOUR_FIFTHS


def group_effects(figures: dict[str, Any], when: str) -> list[GroupEffect]:
    """Adverse impact by team.

    :param when: "before" or "after"
    """
    groups = figures["groups"]
    best = max((group[f"rate_{when}"] for group in groups), default=0)
    return [_group_effect(group, groups, when, best) for group in groups]


def _group_effect(group: dict[str, Any], groups: list[dict[str, Any]], when: str, best: float) -> GroupEffect:
    rest = [other for other in groups if other is not group]
    difference, low, high = _standardised(group, rest, when)
    rate = group[f"rate_{when}"]
    return GroupEffect(group["name"], group["people"], rate, rate / best if best else None, difference, low, high)


def _standardised(group: dict[str, Any], rest: list[dict[str, Any]], when: str) -> tuple[float, float, float]:
    """Cohen's d of a team against the other teams shown, with the usual large-sample interval (Hedges and Olkin)."""
    n, m = group["n"], sum(other["n"] for other in rest)
    if not m:
        return 0.0, 0.0, 0.0
    mean = sum(other["n"] * other[f"mean_{when}"] for other in rest) / m
    spread = group[f"var_{when}"] * (n - 1) + sum(
        other[f"var_{when}"] * (other["n"] - 1) + other["n"] * (other[f"mean_{when}"] - mean) ** 2 for other in rest
    )
    deviation = sqrt(spread / (n + m - 2)) or 1.0
    d = (group[f"mean_{when}"] - mean) / deviation
    error = Z_95 * sqrt((n + m) / (n * m) + d * d / (2 * (n + m)))
    return d, d - error, d + error


def gaming_figures(numbers: Numbers) -> list[tuple[str, float]]:
    """What rings reach who deal with each other alone, and what one reaches whom nobody answers; of 100 points."""
    told = [(f"A ring of {size}, half a year", dict.fromkeys(Kind, size - 1)) for size in (2, 5, 10)]
    told.append(("Somebody alone who does everything towards a thousand others", dict.fromkeys(OWN_ACTS, 1000)))
    return [(who, _steady(numbers, a_week)) for who, a_week in told]


def _steady(numbers: Numbers, a_week: dict[Kind, int]) -> float:
    counts = [
        reference.Count(kind, AS_OF - timedelta(weeks=ago), n) for ago in range(WEEKS) for kind, n in a_week.items()
    ]
    parts = reference.score(counts, [], numbers.as_reference(), AS_OF)
    return sum(part.points for part in parts) / 100
