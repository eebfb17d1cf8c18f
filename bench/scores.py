"""A full run over 10 million week counts, against DuckDB and a scan; an incremental run against a full one."""

import os
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb
import psycopg
from django.utils import timezone

from accounts.tenants.context import in_schema
from bench.companyful import SCHEMA, fill_company
from bench.table import Row
from scoring.domain.runs import run_scores
from scoring.models import ModelVersion, Run
from scoring.states import RunScope

PEOPLE, COUNTS = 50_000, 10_400_000
CHANGED_SHARE = 0.05
DUCK = """
CREATE OR REPLACE TABLE score AS
SELECT person_id, sum(points) AS value, list(kind) AS kinds, list(points) AS points, list(x) AS colleagues FROM (
    SELECT person_id, kind, x, (200 * weight * x + b) // (2 * b) AS points FROM (
        SELECT s.person_id, s.kind, s.x, t.weight, s.x + t.halfway * 1000000::bigint AS b FROM (
            SELECT person_id, kind, sum(colleagues::bigint * w) AS x
            FROM counts JOIN decay ON age = date_diff('day', counts.week_, ?::date) GROUP BY 1, 2
        ) AS s JOIN term AS t USING (kind)
    )
) GROUP BY person_id
"""


def rows(scale: float) -> list[Row]:
    fill_company(people=int(PEOPLE * scale), counts=int(COUNTS * scale))
    full = median(_run(RunScope.FULL) for _ in range(3))
    changed = median(_run_changed() for _ in range(3))
    scan = _scan()
    duck = _duckdb()
    return [
        Row(
            "Full scoring run, 10 M counts",
            f"{full:.2f} s",
            f"{duck:.2f} s DuckDB, one thread",
            full / duck,
            "at most 5 ×",
        ),
        Row("Full scoring run, 10 M counts", f"{full:.2f} s", f"{scan:.2f} s scan of the table", full / scan, "report"),
        Row(
            "Incremental run, 5 % changed", f"{changed:.2f} s", f"{full:.2f} s full run", changed / full, "at most 0.05"
        ),
    ]


def _run(scope: RunScope) -> float:
    with in_schema(SCHEMA):
        start = time.perf_counter()
        run_scores(by=None, at=timezone.now(), scope=scope)
        return time.perf_counter() - start


def _run_changed() -> float:
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"]) as owner:
        owner.execute(
            f"INSERT INTO {SCHEMA}.scoring_stalescore (person_id, participation_id)"  # noqa: S608 - a constant
            f" SELECT person_id, id FROM {SCHEMA}.consent_participation WHERE id %% %s = 0",
            [round(1 / CHANGED_SHARE)],
        )
    return _run(RunScope.CHANGED)


def _scan() -> float:
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"]) as owner:
        owner.execute("SET max_parallel_workers_per_gather = 0")
        start = time.perf_counter()
        owner.execute(f"SELECT count(*) FROM {SCHEMA}.scoring_weekcount WHERE colleagues > 1000")  # noqa: S608
        return time.perf_counter() - start


def _duckdb() -> float:
    """The same sums in DuckDB, from a table of its own, results written to a table."""
    duck = duckdb.connect()
    duck.execute("SET threads = 1")
    with in_schema(SCHEMA):
        model = ModelVersion.objects.get(is_current=True)
        terms = list(model.terms.values_list("kind", "weight", "halfway"))
        monday = Run.objects.latest("pk").week
    duck.execute("CREATE TABLE term (kind smallint, weight int, halfway int)")
    duck.executemany("INSERT INTO term VALUES (?, ?, ?)", terms)
    duck.execute(
        "CREATE TABLE decay AS SELECT unnest(range(?)) AS age, unnest(?) AS w", [len(model.decay), model.decay]
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counts.csv"
        _export(path)
        duck.execute(f"CREATE TABLE counts AS SELECT * FROM read_csv('{path}')")  # noqa: S608 - our own path
    times = []
    for _ in range(3):
        start = time.perf_counter()
        duck.execute(DUCK, [monday])
        times.append(time.perf_counter() - start)
    return median(times)


def _export(path: Path) -> None:
    columns = "person_id, kind, week AS week_, colleagues"
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"]) as owner, path.open("wb") as file:
        query = f"COPY (SELECT {columns} FROM {SCHEMA}.scoring_weekcount) TO STDOUT (FORMAT csv, HEADER)"  # noqa: S608
        with owner.cursor().copy(query) as copy:
            for chunk in copy:
                file.write(chunk)
