"""The score in plain Python: what the SQL must agree with to the last digit, and what anyone can recompute.

    python recompute.py

works a score out from the files that lie beside it in a person's own data: counts.csv, pauses.csv and model.json.
Standard library only. All numbers are whole: colleagues in millionths, points in hundredths (docs/adr/0008).
"""

import csv
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

MILLION = 1_000_000


@dataclass(frozen=True)
class Count:
    """In the week that begins on `week`, a Monday: how many different colleagues, of one kind, by one source."""

    kind: int
    week: date
    colleagues: int


@dataclass(frozen=True)
class Pause:
    """Days on which the clock stood still: from `started_on` until before `ended_on`; None goes on."""

    started_on: date
    ended_on: date | None


@dataclass(frozen=True)
class Model:
    """`terms`: kind → (weight in points, half-way point in colleagues). `decay[a]`: millionths at `a` active days."""

    terms: Mapping[int, tuple[int, int]]
    decay: tuple[int, ...]
    minimum_colleagues: int


@dataclass(frozen=True)
class Part:
    kind: int
    points: int
    colleagues: int


def score(counts: Iterable[Count], pauses: Iterable[Pause], model: Model, as_of: date) -> list[Part]:
    """Work out the parts of one person's score; their sum is the score. Empty when there is not enough to go on.

    :param counts: those that count: under open grants, not excluded
    :param as_of: Monday of the as-of week
    """
    pauses = list(pauses)
    weighed: dict[int, int] = defaultdict(int)
    for count in counts:
        if count.week <= as_of and count.kind in model.terms:
            weighed[count.kind] += count.colleagues * weight(count.week, pauses, model, as_of)
    parts = [Part(kind, points(x, *model.terms[kind]), x) for kind, x in sorted(weighed.items()) if x]
    enough = sum(part.colleagues for part in parts) >= model.minimum_colleagues * MILLION
    return parts if enough else []


def inputs_digest(parts: Iterable[Part], model_digest: str, as_of: date) -> str:
    """Hex SHA-256 of what went into a score: the model's own digest, the week, the weighed colleagues of each kind."""
    weighed = ",".join(f"{part.kind}:{part.colleagues}" for part in parts)
    return hashlib.sha256(f"{model_digest}|{as_of}|{weighed}".encode()).hexdigest()


def points(x: int, weight: int, halfway: int) -> int:
    """Hundredths of a point for `x` millionths of a colleague: 100 · w · x / (x + h), rounded half up."""
    below = x + halfway * MILLION
    return (200 * weight * x + below) // (2 * below)


def weight(week: date, pauses: Iterable[Pause], model: Model, as_of: date) -> int:
    """Millionths that a week still weighs: its age is the days since its end on which the clock ran."""
    age = (as_of - week).days - sum(_paused_days(pause, week, as_of) for pause in pauses)
    return model.decay[age] if age < len(model.decay) else 0


def _paused_days(pause: Pause, week: date, as_of: date) -> int:
    """Days of the pause between the end of the count's week and the end of the as-of week."""
    begin = max(pause.started_on, week + timedelta(days=7))
    end = as_of + timedelta(days=7)
    if pause.ended_on is not None:
        end = min(end, pause.ended_on)
    return max(0, (end - begin).days)


def main(folder: Path) -> int:
    """Work the score out from a person's own files, and say whether it is the one that they were shown."""
    told = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    parts = score(_counts(folder), _pauses(folder), _model(told), date.fromisoformat(told["week"]))
    words = {term["kind"]: term["in_words"] for term in told["terms"]}
    _say(f"Worked out from your own counts, as of the week of {told['week']}, with “{told['name']}”:")
    for part in parts:
        _say(f"{_points(part.points):>8}  {words[part.kind]}")
    total = sum(part.points for part in parts)
    _say(f"{_points(total):>8}  in all" if parts else "      no score: too few colleagues to go by")
    digest = inputs_digest(parts, told["digest"], date.fromisoformat(told["week"]))
    _say(f"SHA-256 of what went in: {digest}")
    return _compare(parts, told)


def _compare(parts: list[Part], told: dict[str, Any]) -> int:
    if told["score"] is None:
        _say("You had not been given a score yet when these files were made.")
        return 0
    given = list(map(Part, told["score"]["kinds"], told["score"]["points"], told["score"]["colleagues"]))
    if parts == given:
        _say("That is the score you were given, to the last digit.")
        return 0
    _say(f"You were given {_points(told['score']['value'])}.")
    _say(told["if_it_differs"])
    return 1


def _counts(folder: Path) -> list[Count]:
    with (folder / "counts.csv").open(encoding="utf-8", newline="") as file:
        return [
            Count(int(row["kind"]), date.fromisoformat(row["week"]), int(row["colleagues"]))
            for row in csv.DictReader(file)
            if row["counts"] == "yes"
        ]


def _pauses(folder: Path) -> list[Pause]:
    with (folder / "pauses.csv").open(encoding="utf-8", newline="") as file:
        return [
            Pause(
                date.fromisoformat(row["started_on"]), date.fromisoformat(row["ended_on"]) if row["ended_on"] else None
            )
            for row in csv.DictReader(file)
        ]


def _model(told: dict[str, Any]) -> Model:
    terms = {term["kind"]: (term["weight"], term["halfway"]) for term in told["terms"]}
    return Model(terms, tuple(told["decay"]), told["minimum_colleagues"])


def _points(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
