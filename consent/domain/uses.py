"""Uses of a person's data as they are told: who looked, when, for what, why, and whether they got anything."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Person
from consent.models import DataUsePerson

A_BATCH = 500


@dataclass(frozen=True)
class ToldUse:
    """One use, as its page and the person's own file tell it."""

    use: UUID
    at: datetime
    who: str
    purpose: str
    version: int
    reason: str
    is_refused: bool


def newest_first(uses: QuerySet[DataUsePerson]) -> QuerySet[DataUsePerson, tuple[object, ...]]:
    """The rows that `told` reads."""
    return uses.order_by("-use__opened_at").values_list(
        "use_id", "use__opened_at", "use__by", "use__purpose_version__title", "use__purpose_version__version",
        "use__reason", "is_allowed",
    )  # fmt: skip


def told(rows: Iterable[tuple], *, reader: UUID) -> Iterator[ToldUse]:  # type: ignore[type-arg]
    """Put words to rows of `newest_first`, a batch at a time: names are asked for once a batch."""
    rows = iter(rows)
    while batch := list(islice(rows, A_BATCH)):
        names = dict(Person.objects.filter(pk__in={by for _, _, by, *_ in batch}).values_list("pk", "name"))
        for use, at, by, purpose, version, reason, is_allowed in batch:
            yield ToldUse(use, at, _who(by, reader, names), purpose, version, reason, not is_allowed)


def _who(by: UUID | None, reader: UUID, names: dict[UUID, str]) -> str:
    if by is None:
        return "The machine"
    return "You" if by == reader else names.get(by, "Somebody who has left")
