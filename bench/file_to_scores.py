"""From a file of 10 million interactions to scores, beside pandas and DuckDB doing the same from the same file."""

import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd
from django.utils import timezone

from accounts.models import Person
from accounts.tenants.context import in_schema
from bench.companyful import SCHEMA, fill_company
from bench.imports import bring_in, write_file
from bench.table import Row
from scoring.domain.runs import run_scores
from scoring.models import ModelVersion, Run
from scoring.states import Kind, RunScope

ROWS, PEOPLE = 10_000_000, 10_000
MINIMUM = 3 * 1_000_000  # millionths of weighed colleagues, as in the first model
DUCK = """
WITH told AS (
    SELECT actor_email AS person, kind, date_trunc('week', occurred_at) AS week, target_email AS colleague FROM rows
    UNION ALL SELECT target_email, kind || '_by', date_trunc('week', occurred_at), actor_email FROM rows
), counts AS (
    SELECT person, kind, week, count(DISTINCT colleague) AS n FROM told
    WHERE person IN (SELECT email FROM granted) GROUP BY ALL
), weighed AS (
    SELECT person, kind, sum(n * w) AS x FROM counts JOIN decay USING (week) GROUP BY ALL
)
SELECT person, sum((200 * weight * x + (x + halfway * 1000000)) // (2 * (x + halfway * 1000000)))
FROM weighed JOIN term USING (kind) GROUP BY person HAVING sum(x) >= ?
"""


def rows(scale: float) -> list[Row]:
    """Half of the people in the file take part. All three end with a value for each of them."""
    number = int(ROWS * scale)
    fill_company(people=int(PEOPLE * scale) // 2, counts=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "interactions.csv"
        write_file(path, number, int(PEOPLE * scale))
        ours, scored = _ours(path)
        terms, decay, granted = _model()
        peers = {
            "DuckDB, one thread": _duckdb(path, terms, decay, granted),
            "pandas": _pandas(path, terms, decay, granted),
        }
    for name, (_, other) in peers.items():
        if other != scored:
            raise RuntimeError(f"{name} scored {other} people, we {scored}")
    rate = f"{number / ours / 1e6:.2f} M interactions/s"
    return [
        Row(
            "File to scores, 10 M interactions",
            rate,
            f"{number / seconds / 1e6:.2f} M/s {name}",
            ours / seconds,
            "report",
        )
        for name, (seconds, _) in peers.items()
    ]


def _ours(path: Path) -> tuple[float, int]:
    """The importer as a worker runs it, then a full run."""
    seconds, _ = bring_in(path)
    with in_schema(SCHEMA):
        start = time.perf_counter()
        run = run_scores(by=None, at=timezone.now(), scope=RunScope.FULL)
        return seconds + time.perf_counter() - start, run.people


def _model() -> tuple[list[tuple[str, int, int]], list[tuple], list[str]]:
    """Terms by the words of the file, what each week weighs, and who granted."""
    with in_schema(SCHEMA):
        model, week = ModelVersion.objects.get(is_current=True), Run.objects.latest("pk").week
        by_kind = {term.kind: (term.weight, term.halfway) for term in model.terms.all()}
        granted = list(Person.objects.values_list("email", flat=True))
    terms = [(Kind(kind).name.lower(), *numbers) for kind, numbers in by_kind.items()]
    weeks = pd.date_range(end=pd.Timestamp(week), periods=len(model.decay[::7]), freq="7D")[::-1]
    return terms, list(zip(weeks, model.decay[::7], strict=True)), granted


def _duckdb(path: Path, terms: list, decay: list, granted: list[str]) -> tuple[float, int]:
    duck = duckdb.connect()
    duck.execute("SET threads = 1; SET TimeZone = 'UTC'")
    duck.execute(
        "CREATE TABLE term (kind text, weight bigint, halfway bigint); CREATE TABLE decay (week timestamptz, w bigint)"
    )
    duck.executemany("INSERT INTO term VALUES (?, ?, ?)", terms)
    duck.executemany(
        "INSERT INTO decay VALUES (?, ?)", [(week.tz_localize("UTC").to_pydatetime(), w) for week, w in decay]
    )
    duck.execute("CREATE TABLE granted (email text)")
    duck.executemany("INSERT INTO granted VALUES (?)", [[email] for email in granted])
    start = time.perf_counter()
    duck.execute(f"CREATE TABLE rows AS SELECT * FROM read_csv('{path}')")  # noqa: S608 - our own path
    scores = duck.execute(DUCK, [MINIMUM]).fetchall()
    return time.perf_counter() - start, len(scores)


def _pandas(path: Path, terms: list, decay: list, granted: list[str]) -> tuple[float, int]:
    start = time.perf_counter()
    columns = dict.fromkeys(("actor_email", "kind", "target_email"), "category")
    read = pd.read_csv(path, dtype=columns, parse_dates=["occurred_at"])
    week = read["occurred_at"].dt.tz_localize(None).dt.to_period("W-SUN").dt.start_time
    read = read.assign(week=week).drop(columns="occurred_at")
    mine = read.rename(columns={"actor_email": "person", "target_email": "colleague"})
    theirs = read.rename(columns={"target_email": "person", "actor_email": "colleague"})
    theirs["kind"] = theirs["kind"].cat.rename_categories(lambda word: f"{word}_by")
    people = set(granted)
    told = pd.concat([part.astype({"person": str, "kind": str, "colleague": str}) for part in (mine, theirs)])
    told = told[told["person"].isin(people)]
    counts = told.drop_duplicates().groupby(["person", "kind", "week"], observed=True).size().reset_index(name="n")
    counts["x"] = counts["n"] * counts["week"].map(dict(decay)).fillna(0)
    weighed = counts.groupby(["person", "kind"])["x"].sum().reset_index()
    weighed = weighed[weighed["x"] > 0].merge(pd.DataFrame(terms, columns=["kind", "weight", "halfway"]), on="kind")
    weighed["points"] = (100 * weighed["weight"] * weighed["x"] / (weighed["x"] + weighed["halfway"] * 1e6)).round()
    scores = weighed.groupby("person")[["points", "x"]].sum().query("x >= @MINIMUM")
    return time.perf_counter() - start, len(scores)
