"""What two others decide about a model: its very numbers, as the step from the version in effect to the next."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self
from uuid import UUID

from accounts.states import Permission
from consent.domain.matters import Evidence, Names
from consent.states import ProposalKind
from scoring.domain.model_numbers import Numbers
from scoring.models import ModelVersion
from scoring.states import Kind


@dataclass(frozen=True)
class ModelChange:
    """The next version of the model. A return to an earlier one is a change like any other."""

    kind: ClassVar = ProposalKind.SCORING_MODEL
    proposed_with: ClassVar = Permission.MANAGE_MODELS
    evidence: ClassVar[Evidence] = ("See what it would do here", "manage:model_preview")
    version: int
    name: str
    half_life_days: int
    minimum_colleagues: int
    terms: list[dict[str, int]]
    reason: str

    @classmethod
    def of(cls, numbers: Numbers, *, name: str, reason: str) -> Self:
        newest = ModelVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0
        return cls(
            newest + 1, name, numbers.half_life_days, numbers.minimum_colleagues, numbers.listed(), reason
        )  # fmt: skip

    @property
    def numbers(self) -> Numbers:
        return Numbers.told({**vars(self)})

    def concerns(self) -> list[UUID]:
        return []

    def heading(self, names: Names) -> str:  # noqa: ARG002 - the signature of all matters
        return f"Model of the score, version {self.version}: “{self.name}”"

    def facts(self, names: Names) -> list[tuple[str, str]]:  # noqa: ARG002
        return [
            ("Name", self.name),
            ("Half-life", f"{self.half_life_days} days"),
            ("Least evidence", f"{self.minimum_colleagues} weighed colleagues"),
            *((Kind(term["kind"]).label.capitalize(), _in_words(term)) for term in self.terms),
            ("Why", self.reason),
        ]

    def before(self) -> Self | None:
        row = ModelVersion.objects.prefetch_related("terms").filter(number=self.version - 1).first()
        if row is None:
            return None
        numbers = Numbers.of(row)
        return type(self)(
            row.number, row.name, numbers.half_life_days, numbers.minimum_colleagues, numbers.listed(), ""
        )  # fmt: skip


def _in_words(term: dict[str, Any]) -> str:
    return f"{term['weight']} points, half of them at {term['halfway']} weighed colleagues"
