"""Real interactions, read into what a company would have counted."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from scoring.connectors.door import KIND_SHIFT, KINDS
from scoring.domain.reference import Count
from scoring.states import Act

WEEKS_WATCHED = 104
WEEKS_WEIGHED = 104  # a model looks back no further
LAST_OF_CODE = date(2026, 5, 31)  # a review is known when its commit is merged: the weeks after this are incomplete
LAST_OF_MAIL = date(2001, 12, 2)  # the day on which the company failed


class Dealing(NamedTuple):
    """Somebody did something towards somebody."""

    day: date
    act: Act
    actor: str
    target: str


@dataclass(frozen=True)
class Data:
    """`weeks`: the as-of weeks that are watched, the last one of the data last."""

    name: str
    origin: str
    dealings: list[Dealing]
    endorsing: Act

    @cached_property
    def last_week(self) -> date:
        return monday_of(max(dealing.day for dealing in self.dealings) + timedelta(days=1)) - timedelta(weeks=1)

    @cached_property
    def weeks(self) -> list[date]:
        first = monday_of(min(dealing.day for dealing in self.dealings)) + timedelta(weeks=26)
        weeks = (self.last_week - timedelta(weeks=ago) for ago in range(WEEKS_WATCHED - 1, -1, -1))
        return [week for week in weeks if week >= first]


Counts = dict[str, list[Count]]


def count(dealings: Iterable[Dealing]) -> Counts:
    """As an import counts: in each week and kind, with how many different others. Oneself is nobody else."""
    seen: dict[tuple[str, int, date], set[str]] = defaultdict(set)
    for day, act, actor, target in dealings:
        if actor != target:
            mine, theirs = (kind >> KIND_SHIFT for kind in KINDS[act])
            seen[actor, mine, monday_of(day)].add(target)
            seen[target, theirs, monday_of(day)].add(actor)
    counts: Counts = defaultdict(list)
    for (person, kind, week), others in seen.items():
        counts[person].append(Count(kind, week, len(others)))
    return counts


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


MAIL_ACTS = {"message_to": Act.ANSWERED, "message_cc": Act.MENTIONED}
CODE_ACTS = {
    "committed": Act.ANSWERED, "reviewed-by": Act.REVIEWED, "acked-by": Act.REVIEWED, "tested-by": Act.REVIEWED,
    "cc": Act.MENTIONED, "reported-by": Act.MENTIONED, "suggested-by": Act.MENTIONED,
}  # fmt: skip


def all_of(folder: Path) -> list[Data]:
    """The code review of a free project, and the mail of a company.

    :raises FileNotFoundError: the data is not there
    """
    return [
        Data("Code review", "commits of U-Boot, 2022 to 2026 (facts from a GPL-2.0 repository)",
             _newest(_code(folder / "u-boot-interactions.csv.gz"), LAST_OF_CODE), Act.REVIEWED),
        Data("Mail", "mail of Enron, 1998 to 2001 (igraphdata, C. E. Priebe, CC BY-SA 4.0)",
             _newest(_mail(folder / "enron-messages.csv.gz"), LAST_OF_MAIL), Act.ANSWERED),
    ]  # fmt: skip


def _newest(dealings: Iterable[Dealing], last: date) -> list[Dealing]:
    """What can weigh something in a week that is watched."""
    oldest = last - timedelta(weeks=WEEKS_WATCHED + WEEKS_WEIGHED)
    return [dealing for dealing in dealings if oldest <= dealing.day <= last]


def _code(path: Path) -> Iterator[Dealing]:
    for _, ts, kind, actor, target in _rows(path):
        if kind in CODE_ACTS and target:
            yield Dealing(datetime.fromtimestamp(int(ts), UTC).date(), CODE_ACTS[kind], actor, target)


def _mail(path: Path) -> Iterator[Dealing]:
    for at, actor, kind, target in _rows(path):
        yield Dealing(date.fromisoformat(at[:10]), MAIL_ACTS[kind], actor, target)


def _rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows
