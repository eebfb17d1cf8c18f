"""What a model would make of people who do not exist, beside the one in effect."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from scoring.domain import reference
from scoring.domain.model_numbers import Numbers
from scoring.states import Kind

WEEKS = 26
AS_OF = date(2026, 1, 5)

# With how many different colleagues each of them deals in a week, by kind; and the weeks ago from which on they did.
HELPER = {Kind.ANSWERED: 6, Kind.ANSWERED_BY: 4, Kind.MENTIONED_BY: 2, Kind.REACTED_BY: 5}
REVIEWER = {Kind.REVIEWED: 4, Kind.REVIEWED_BY: 3, Kind.ANSWERED: 2, Kind.ANSWERED_BY: 2}
QUIET = {Kind.ANSWERED: 1, Kind.ANSWERED_BY: 1, Kind.REACTED: 1}
BROADCASTER = {Kind.MENTIONED: 25, Kind.REACTED: 20}
PAIR = {Kind.ANSWERED: 1, Kind.ANSWERED_BY: 1, Kind.REVIEWED: 1, Kind.REVIEWED_BY: 1}
PEOPLE: tuple[tuple[str, dict[Kind, int], range], ...] = (
    ("Answers many colleagues, week after week", HELPER, range(WEEKS)),
    ("Reviews and is reviewed", REVIEWER, range(WEEKS)),
    ("Deals with few, steadily", QUIET, range(WEEKS)),
    ("Began three weeks ago", HELPER, range(3)),
    ("Was silent for the last four weeks", HELPER, range(4, WEEKS)),
    ("Mentions everybody, is answered by nobody", BROADCASTER, range(WEEKS)),
    ("Two who write to each other alone, however much", PAIR, range(WEEKS)),
)


@dataclass(frozen=True)
class Effect:
    """One made-up person under both models; None where there is too little for a score."""

    who: str
    now: Decimal | None
    then: Decimal | None

    @property
    def change(self) -> Decimal | None:
        return None if self.now is None or self.then is None else self.then - self.now


def effects(now: Numbers, then: Numbers) -> list[Effect]:
    """Every made-up person's score by the model in effect and by another."""
    return [Effect(who, _score(now, a_week, weeks), _score(then, a_week, weeks)) for who, a_week, weeks in PEOPLE]


def _score(numbers: Numbers, a_week: dict[Kind, int], weeks: range) -> Decimal | None:
    counts = [reference.Count(kind, AS_OF - timedelta(weeks=ago), n) for ago in weeks for kind, n in a_week.items()]
    parts = reference.score(counts, [], numbers.as_reference(), AS_OF)
    return Decimal(sum(part.points for part in parts)).scaleb(-2) if parts else None
