"""How far somebody without a score is from their first one."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from accounts.models import Person
from scoring.domain import reference
from scoring.domain.explaining import that_count
from scoring.domain.runs import last_full_week
from scoring.models import ModelVersion, Pause


@dataclass(frozen=True)
class Evidence:
    """Weighed colleagues so far, in tenths rounded down, and how many a score needs."""

    so_far: Decimal
    needed: int

    @property
    def is_enough(self) -> bool:
        return self.so_far >= self.needed


def evidence_of(person: Person, *, at: datetime) -> Evidence:
    """Weigh the person's counts as of the last full week, as a run would."""
    current = ModelVersion.objects.get(is_current=True)
    model = reference.Model({}, tuple(current.decay), current.minimum_colleagues)
    pauses = [
        reference.Pause(*days) for days in Pause.objects.filter(person=person).values_list("started_on", "ended_on")
    ]
    as_of = last_full_week(at)
    counts = that_count(person, as_of)
    weighed = sum(colleagues * reference.weight(week, pauses, model, as_of) for week, *_, colleagues in counts)
    tenths = (Decimal(weighed) / reference.MILLION).quantize(Decimal("0.1"), ROUND_DOWN)
    return Evidence(tenths, current.minimum_colleagues)
