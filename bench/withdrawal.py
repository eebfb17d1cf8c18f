"""Leaving in a company of 10,000 people and 2 million week counts, beside a plain DELETE of the same rows."""

import os
import time
from datetime import datetime
from statistics import median

import psycopg
from django.conf import settings
from django.test import Client

from accounts.models import Person
from accounts.tenants.context import in_schema
from bench.companyful import HOST, SCHEMA, fill_company
from bench.table import Row
from scoring.domain import covers

PEOPLE, COUNTS, LEAVERS = 10_000, 2_000_000, 100
LIMIT = 0.3
DELETES = ("DELETE FROM scoring_weekcount WHERE person_id = %s", "DELETE FROM scoring_score WHERE person_id = %s")
LEFT = """
SELECT (SELECT count(*) FROM scoring_weekcount WHERE person_id = ANY (%(people)s))
     + (SELECT count(*) FROM scoring_score WHERE person_id = ANY (%(people)s))
     + (SELECT count(*) FROM consent_opengrant WHERE person_id = ANY (%(people)s))
"""
in_covers: list[float] = []


def rows(scale: float) -> list[Row]:
    fill_company(people=int(PEOPLE * scale), counts=int(COUNTS * scale))
    with in_schema(SCHEMA):
        people = list(Person.objects.order_by("pk")[: 2 * LEAVERS])
    settings.WITHDRAWAL_COVERS = [
        "bench.withdrawal.timed_forget" if name == "scoring.domain.covers.forget" else name
        for name in settings.WITHDRAWAL_COVERS
    ]
    first, *leavers = people[::2]
    _leave(first)  # what a process loads once is no part of a request
    in_covers.clear()
    ours = [_leave(person) for person in leavers]
    _refuse_leftovers([first, *leavers])
    plain = median(_plainly_deleted(people[1::2]))
    typical, worst, share = median(ours), max(ours), median(in_covers) / median(ours)
    return [
        Row(
            "Withdrawal request, median",
            f"{typical * 1000:.1f} ms",
            f"{plain * 1000:.1f} ms plain DELETE, with its commit",
            typical / plain,
            "report",
        ),
        Row(f"… slowest of {len(ours)}", f"{worst * 1000:.1f} ms", "300 ms", worst / LIMIT, "below 1"),
        Row("… of which scoring’s covers", f"{median(in_covers) * 1000:.1f} ms", "the request", share, "report"),
    ]


def timed_forget(person: Person, *, at: datetime) -> None:
    start = time.perf_counter()
    covers.forget(person, at=at)
    in_covers.append(time.perf_counter() - start)


def _leave(person: Person) -> float:
    """The whole request, from its headers to its answer: session, checks, transaction, journal, commit."""
    client = Client(SERVER_NAME=HOST)
    with in_schema(SCHEMA):
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    start = time.perf_counter()
    answer = client.post("/me/leave/")
    took = time.perf_counter() - start
    assert answer.status_code == 302, answer.content  # noqa: S101
    return took


def _refuse_leftovers(leavers: list[Person]) -> None:
    """A fast request that left anything would measure nothing."""
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(f'SET search_path = "{SCHEMA}"')
        (left,) = admin.execute(LEFT, {"people": [person.pk for person in leavers]}).fetchone()
    assert left == 0, left  # noqa: S101


def _plainly_deleted(people: list[Person]) -> list[float]:
    took = []
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(f'SET search_path = "{SCHEMA}"')
        for person in people:
            start = time.perf_counter()
            with admin.transaction():
                for delete in DELETES:
                    admin.execute(delete, [person.pk])
            took.append(time.perf_counter() - start)
    return took
