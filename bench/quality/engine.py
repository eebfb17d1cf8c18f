"""The same people in a real database: PostgreSQL's scores beside plain Python's, and what happens when many leave."""

import os
import random
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
from django.utils import timezone

from accounts.models import Person
from accounts.tenants.context import in_schema
from bench.companyful import SCHEMA, fill_company
from bench.quality.data import Counts
from bench.quality.measures import Finding
from bench.quality.world import World
from consent.domain.choices import leave
from scoring.domain import reference
from scoring.domain.runs import last_full_week, run_scores
from scoring.states import RunScope

LEAVING_SHARE = 0.2


def measure(world: World) -> tuple[Finding, Finding]:
    """Agreement of PostgreSQL and Python on everybody; and how far the others moved when a fifth left."""
    people = sorted(world.counts)
    as_of = last_full_week(timezone.now())
    shifted = _moved(world.counts, as_of - world.data.last_week)
    fill_company(people=len(people), counts=0)
    _fill_counts(people, shifted)
    before = _scores()
    apart = max(abs(before[n] - reference_value(shifted[person], world, as_of)) for n, person in enumerate(people))
    gone = random.Random(5).sample(range(len(people)), int(LEAVING_SHARE * len(people)))  # noqa: S311 - no secret
    with in_schema(SCHEMA):
        for person in Person.objects.filter(email__in=[_address(n) for n in gone]):
            leave(person, at=timezone.now())
    after = _scores()
    moved = max(abs(before[n] - after[n]) for n in set(after) - set(gone))
    return (
        Finding(f"{apart:.10f} points apart at most, {len(before):,} people", apart < 1e-9),
        Finding(f"{moved:.1f} points for {len(after):,} who stayed; {len(before) - len(after):,} left",
                moved == 0 and not set(gone) & set(after)),
    )  # fmt: skip


def reference_value(counts: list[reference.Count], world: World, as_of: date) -> float:
    return sum(part.points for part in reference.score(counts, [], world.model, as_of)) / 100


def _moved(counts: Counts, by: timedelta) -> Counts:
    """All weeks as much later, so that the last one is the week that a run is for; older than two years is not kept."""
    oldest = last_full_week(timezone.now()) - timedelta(weeks=103)
    return {
        person: [
            reference.Count(c.kind, c.week + by, c.colleagues)
            for c in rows
            if oldest <= c.week + by <= last_full_week(timezone.now())
        ]
        for person, rows in counts.items()
    }


def _address(n: int) -> str:
    return f"p{n + 1}@bench.example"


def _fill_counts(people: list[str], counts: Counts) -> None:
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"]) as admin:
        admin.execute(f"SET session_replication_role = replica; SET search_path = {SCHEMA}")
        admin.execute("UPDATE consent_opengrant SET counts_from = '2000-01-03'")
        grants = {
            email: keys
            for email, *keys in admin.execute(
                "SELECT p.email, p.id, o.grant_id FROM accounts_person p JOIN consent_opengrant o ON o.person_id = p.id"
            )
        }
        with admin.cursor().copy(
            "COPY scoring_weekcount (person_id, grant_id, kind, week, colleagues) FROM STDIN"
        ) as copy:
            for row in _lines(people, counts, grants):
                copy.write_row(row)


def _lines(people: list[str], counts: Counts, grants: dict[str, list[object]]) -> Iterator[tuple[object, ...]]:
    for n, person in enumerate(people):
        for c in counts[person]:
            yield *grants[_address(n)], c.kind, c.week, c.colleagues


def _scores() -> dict[int, float]:
    """Of a full run: by the person's place in the list, in points; 0 for those with too little."""
    with in_schema(SCHEMA):
        run = run_scores(by=None, at=timezone.now(), scope=RunScope.FULL)
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"]) as admin:
        rows = admin.execute(
            f"SELECT p.email, s.value FROM {SCHEMA}.scoring_score s"  # noqa: S608 - a constant
            f" JOIN {SCHEMA}.accounts_person p ON p.id = s.person_id WHERE s.run_id = %s",
            [run.pk],
        )
        return {int(email[1 : email.index("@")]) - 1: value / 100 for email, value in rows}
