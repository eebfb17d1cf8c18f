"""How far somebody without a score is from their first one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Person
from consent.domain.choices import monday_of
from scoring.models import Exclusion, ModelVersion, Pause, WeekCount

MILLION = 1_000_000
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Evidence:
    """Weighed colleagues so far, in tenths rounded down, and how many a score needs."""

    so_far: Decimal
    needed: int

    @property
    def is_enough(self) -> bool:
        return self.so_far >= self.needed


def evidence_of(person: Person, *, at: datetime) -> Evidence:
    """Weigh the person's counts as of this week, as a run would."""
    model = ModelVersion.objects.get(is_current=True)
    today, pauses = monday_of(at) + WEEK, list(Pause.objects.filter(person=person))
    weighed = 0
    for week, colleagues in _counted(person, monday_of(at)).values_list("week", "colleagues"):
        age = _active_days(week + WEEK, today, pauses)
        weighed += colleagues * model.decay[age] if age < len(model.decay) else 0
    return Evidence((Decimal(weighed) / MILLION).quantize(Decimal("0.1"), ROUND_DOWN), model.minimum_colleagues)


def _counted(person: Person, week: date) -> "QuerySet[WeekCount]":
    """What is neither excluded nor under a wording that is no longer current."""
    same = {name: OuterRef(name) for name in ("person_id", "grant_id", "kind", "week")}
    counts = WeekCount.objects.filter(person=person, week__lte=week, grant__purpose_version__is_current=True)
    return counts.exclude(Exists(Exclusion.objects.filter(**same)))


def _active_days(begin: date, end: date, pauses: list[Pause]) -> int:
    """The days from `begin` until before `end` on which no pause was."""
    paused = (min(pause.ended_on or end, end) - max(pause.started_on, begin) for pause in pauses)
    return (end - begin).days - sum(max(days.days, 0) for days in paused)
