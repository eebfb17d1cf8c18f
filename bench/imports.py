"""Importing 5 million interactions, against a plain COPY of the same file and the same sums in DuckDB."""

import os
import random
import resource
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import psycopg
from django.utils import timezone

from accounts.domain import job_runs
from accounts.models import Job, Person, RoleHeld
from accounts.states import Role
from accounts.tenants.context import in_schema
from bench.companyful import SCHEMA, fill_company
from bench.table import Row
from consent.models import Source
from scoring.domain import imports
from scoring.models import Import

ROWS, PEOPLE, DAYS = 5_000_000, 10_000, 182
KINDS = ("answered", "reviewed", "mentioned", "reacted")
OPTIONS = {
    "columns": {"occurred_at": "occurred_at", "actor": "actor_email", "kind": "kind", "target": "target_email"},
    "acts": {kind: kind for kind in KINDS},
}
PLAIN = "CREATE UNLOGGED TABLE bench_plain (occurred_at timestamptz, actor_email text, kind text, target_email text)"
SUMS = """
SELECT count(*) FROM (
    SELECT person, kind, week, count(DISTINCT colleague) FROM (
        SELECT actor_email AS person, kind, date_trunc('week', occurred_at) AS week, target_email AS colleague FROM rows
        UNION ALL SELECT target_email, kind || '_by', date_trunc('week', occurred_at), actor_email FROM rows
    ) WHERE person IN (SELECT email FROM granted) GROUP BY 1, 2, 3
)
"""


def rows(scale: float) -> list[Row]:
    """Half of the people in the file take part."""
    fill_company(people=int(PEOPLE * scale) // 2, counts=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "interactions.csv"
        write_file(path, int(ROWS * scale), int(PEOPLE * scale))
        plain = _plain_copy(path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ours, written = bring_in(path)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        duck = _duckdb(path)
    rate = f"{ROWS * scale / ours / 1e6:.2f} M rows/s, {written:,} counts, +{grown:.0f} MB"
    return [
        Row("Import of 5 M interactions", rate, f"{plain:.1f} s plain COPY", plain / ours, "at least 0.35"),
        Row("The same against DuckDB, one thread", f"{ours:.1f} s", f"{duck:.1f} s", ours / duck, "report"),
    ]


def write_file(path: Path, number: int, people: int) -> None:
    """People differ in liveliness: the square of a uniform number favours the first."""
    chance = random.Random(7)  # noqa: S311 - a benchmark's data
    monday = date.today() - timedelta(days=date.today().weekday())  # noqa: DTZ011
    days = [(monday - timedelta(days=n)).isoformat() for n in range(1, DAYS)]
    with path.open("w", encoding="utf-8") as file:
        file.write("occurred_at,actor_email,kind,target_email\n")
        for _ in range(number):
            actor, target = int(people * chance.random() ** 2) + 1, int(people * chance.random()) + 1
            file.write(
                f"{chance.choice(days)}T12:00:00Z,p{actor}@bench.example,{chance.choice(KINDS)},p{target}@bench.example\n"
            )


def _plain_copy(path: Path) -> float:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute(PLAIN)
        start = time.perf_counter()
        with path.open("rb") as file, owner.cursor().copy("COPY bench_plain FROM STDIN (FORMAT csv, HEADER)") as copy:
            while chunk := file.read(1 << 20):
                copy.write(chunk)
        seconds = time.perf_counter() - start
        owner.rollback()
    return seconds


def bring_in(path: Path) -> tuple[float, int]:
    """The importer as a worker runs it, from the stored file to the receipt."""
    with in_schema(SCHEMA):
        by, source = Person.objects.first(), Source.objects.get()
        RoleHeld.objects.get_or_create(person=by, role=Role.STEWARD, defaults={"given_at": timezone.now()})
        with path.open("rb") as file:
            chunks = iter(lambda: file.read(1 << 20), b"")
            taken = imports.take_file(source, chunks=chunks, by=by, at=timezone.now())
        job = imports.begin_reading(taken, options=OPTIONS, by=by, at=timezone.now())
        start = time.perf_counter()
        job_runs.run(job.pk, clock=timezone.now)
        seconds = time.perf_counter() - start
        job = Job.objects.get(pk=job.pk)
        if job.state != "done":
            raise RuntimeError(job.message)
        return seconds, Import.objects.get(pk=taken.pk).counts_written


def _duckdb(path: Path) -> float:
    with in_schema(SCHEMA):
        granted = list(Person.objects.values_list("email", flat=True))
    duck = duckdb.connect()
    duck.execute("SET threads = 1")
    duck.execute("CREATE TABLE granted (email text)")
    duck.executemany("INSERT INTO granted VALUES (?)", [[email] for email in granted])
    start = time.perf_counter()
    duck.execute(f"CREATE TABLE rows AS SELECT * FROM read_csv('{path}')")  # noqa: S608 - our own path
    duck.execute(SUMS).fetchall()
    return time.perf_counter() - start
