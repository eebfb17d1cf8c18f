"""The numbers of a model, wherever they come from: a version, a draft, a form, a file, a proposal."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

from scoring.domain import reference
from scoring.models import ModelVersion
from scoring.states import Kind

OLDEST_DAYS = 7 * 104
HALF_LIFE_BOUNDS = (7, 365)
MINIMUM_BOUNDS = (1, 1000)
HALFWAY_BOUNDS = (1, 10_000)


@dataclass(frozen=True)
class Numbers:
    """`terms`: kind → (weight in points, half-way point in weighed colleagues). A kind without a term earns nothing."""

    half_life_days: int
    minimum_colleagues: int
    terms: Mapping[int, tuple[int, int]]

    @classmethod
    def of(cls, version: ModelVersion) -> Self:
        terms = {term.kind: (term.weight, term.halfway) for term in version.terms.all()}
        return cls(version.half_life_days, version.minimum_colleagues, dict(sorted(terms.items())))

    @classmethod
    def told(cls, told: Mapping[str, Any]) -> Self:
        """As a draft or a proposal writes them."""
        terms = {term["kind"]: (term["weight"], term["halfway"]) for term in told["terms"]}
        return cls(told["half_life_days"], told["minimum_colleagues"], dict(sorted(terms.items())))

    def listed(self) -> list[dict[str, int]]:
        """The terms as a draft or a proposal writes them."""
        return [{"kind": k, "weight": w, "halfway": h} for k, (w, h) in sorted(self.terms.items())]

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the numbers in one line; PostgreSQL works out the same (scoring/sql/models.sql)."""
        terms = ",".join(f"{k}:{w}:{h}" for k, (w, h) in sorted(self.terms.items()))
        line = f"{self.half_life_days}|{self.minimum_colleagues}|{terms}"
        return hashlib.sha256(line.encode()).hexdigest()

    def as_reference(self) -> reference.Model:
        return reference.Model(dict(self.terms), decay(self.half_life_days), self.minimum_colleagues)


@cache
def decay(half_life_days: int) -> tuple[int, ...]:
    """What a week weighs at each active day of age, in millionths."""
    return tuple(round(1_000_000 * 2 ** (-days / half_life_days)) for days in range(OLDEST_DAYS + 1))


def faults(numbers: Numbers) -> Iterator[str]:
    """Say what keeps numbers from being a model. PostgreSQL refuses the same."""
    yield from _outside("The half-life", numbers.half_life_days, HALF_LIFE_BOUNDS, "days")
    yield from _outside("The least evidence", numbers.minimum_colleagues, MINIMUM_BOUNDS, "colleagues")
    for kind, (weight, halfway) in numbers.terms.items():
        label = Kind(kind).label
        yield from _outside(f"The weight of “{label}”", weight, (1, 100), "points")
        yield from _outside(f"The half-way point of “{label}”", halfway, HALFWAY_BOUNDS, "colleagues")
    if (total := sum(weight for weight, _ in numbers.terms.values())) != 100:
        yield f"The weights add up to {total}. They must be 100 points in all."


def _outside(what: str, number: int, bounds: tuple[int, int], unit: str) -> Iterator[str]:
    least, most = bounds
    if not least <= number <= most:
        yield f"{what} is {number}. It must be {least} to {most:,} {unit}."
