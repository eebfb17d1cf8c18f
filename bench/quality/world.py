"""One set of data under one model, and what its people score."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from statistics import quantiles

from bench.quality.baselines import Baseline
from bench.quality.data import Counts, Data, count
from scoring.domain import reference
from scoring.domain.model_numbers import Numbers

DAY = timedelta(days=1)


@dataclass(frozen=True)
class World:
    """One set of data under one model, with the two other scores set to the same three quarters."""

    data: Data
    numbers: Numbers

    @cached_property
    def model(self) -> reference.Model:
        return self.numbers.as_reference()

    @cached_property
    def counts(self) -> Counts:
        return count(self.data.dealings)

    @cached_property
    def people(self) -> list[str]:
        """Whoever has a score in the last week."""
        last = self.data.last_week
        return sorted(person for person in self.counts if self.score(person, last))

    def score(self, person: str, as_of: date) -> float:
        return points(self.counts.get(person, []), self.model, as_of)

    @cached_property
    def upper_quartile(self) -> float:
        return quantiles([self.score(person, self.data.last_week) for person in self.people])[2]

    @cached_property
    def klout(self) -> Baseline:
        return self._baseline("klout")

    @cached_property
    def logarithmic(self) -> Baseline:
        return self._baseline("logarithmic")

    @cached_property
    def plain(self) -> Baseline:
        return self._baseline("plain")

    def _baseline(self, name: str) -> Baseline:
        baseline = Baseline(name, self.data.dealings)
        baseline.fit(self.counts, self.data.last_week + 6 * DAY, points=self.upper_quartile)
        return baseline


def points(
    counts: Iterable[reference.Count], model: reference.Model, as_of: date, *, pauses: Iterable[reference.Pause] = ()
) -> float:
    return sum(part.points for part in reference.score(counts, pauses, model, as_of)) / 100
