"""A made-up half year of a company's dealings, as the CSV file that a steward would bring in."""

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

KINDS = {"answered": 0.42, "reviewed": 0.2, "mentioned": 0.18, "reacted": 0.2}
WEEKS = 26
PER_PERSON_AND_WEEK = 14


def write_interactions(path: Path, *, emails: list[str], seed: str, at: datetime) -> int:
    """Write the file and return how many rows it has. The same seed and week make the same file.

    People differ in how much they deal with others and keep to some colleagues more than to others.
    """
    chance = random.Random(seed)  # noqa: S311 - play, not secrecy
    liveliness = {email: chance.lognormvariate(0, 0.6) for email in emails}
    weights = list(liveliness.values())
    rows = round(len(emails) * WEEKS * PER_PERSON_AND_WEEK)
    end = at.replace(minute=0, second=0, microsecond=0)
    begin = (end - timedelta(days=end.weekday(), weeks=WEEKS)).replace(hour=0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["occurred_at", "actor_email", "kind", "target_email"])
        for _ in range(rows):
            writer.writerow(_row(chance, emails, weights, begin, end))
    return rows


def _row(chance, emails, weights, begin, end) -> list[str]:
    actor, target = chance.choices(emails, weights=weights, k=2)
    moment = begin + (end - begin) * chance.random()
    kind = chance.choices(list(KINDS), weights=list(KINDS.values()))[0]
    return [moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), actor, kind, target]
