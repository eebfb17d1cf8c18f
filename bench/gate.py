"""What the gate costs: a person's read against logging by convention, and a run against the same run ungated."""

import os
import time
from statistics import median

import psycopg
from django.db import connection, transaction
from django.utils import timezone

from accounts.tenants.context import in_schema
from accounts.tenants.privileges import gated_tables
from bench.companyful import SCHEMA, fill_company
from bench.table import Row
from consent.domain.data_uses import data_use
from consent.states import PurposeKey
from scoring.domain.runs import last_full_week, run_scores
from scoring.models import ModelVersion, Run
from scoring.states import RunScope

PEOPLE, COUNTS, READS = 50_000, 10_400_000, 1_000
ROWS_OF = "SELECT kind, week, colleagues FROM scoring_weekcount WHERE person_id = %s"
OPEN = "SELECT use_id FROM gate_open('own_view', %s, %s, 'Bench', %s, now())"
LOG = "INSERT INTO audit_entry (at, event, by, about, payload) VALUES (now(), 'bench', %s, %s, '{}')"
# What a log by convention would have to write, to answer the same questions: the use, whom it asked for, the entry.
LOG_ALL = """
WITH use AS (
    INSERT INTO consent_datause
        (id, purpose_version_id, by, reason, opened_at, reading_xid, reader_may, tables, readable)
    SELECT gen_random_uuid(), id, %s, 'Bench', now(), 0, true, tables, '{}' FROM consent_purposeversion
    WHERE purpose = 'own_view' AND is_current RETURNING id
), person AS (INSERT INTO consent_datauseperson (use_id, person_id, is_allowed) SELECT id, %s, true FROM use)
INSERT INTO audit_entry (at, event, by, about, payload)
SELECT now(), 'bench', %s, %s, jsonb_build_object('use', id) FROM use
"""


def rows(scale: float) -> list[Row]:
    fill_company(people=int(PEOPLE * scale), counts=int(COUNTS * scale))
    ours, logged, logged_all = _reads()
    gated, ungated = _runs()
    by_hand, in_run = f"{logged * 1000:.2f} ms INSERT + SELECT", f"{ungated:.2f} s the same ungated"
    fence = _fence()
    return [
        Row("Gated read of one person", f"{ours * 1000:.2f} ms", by_hand, ours / logged, "at most 1.10 ×"),
        Row(
            "… against the same rows logged",
            f"{ours * 1000:.2f} ms",
            f"{logged_all * 1000:.2f} ms",
            ours / logged_all,
            "report",
        ),
        Row(
            "… of it, whether data was restored",
            f"{fence * 1e6:.0f} µs",
            "the gated read",
            fence / ours,
            "report",
        ),
        Row("Gated run, 10 M counts", f"{gated:.2f} s", in_run, gated / ungated, "at most 1.05 ×"),
    ]


def _reads() -> tuple[float, float, float]:
    """Median seconds of each, by turns, each with its commit."""
    app = f'SET search_path = "{SCHEMA}"; SET ROLE "assent_bench__{SCHEMA}"'
    with (
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as reader,
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as receipts,
        psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as ungated,
    ):
        reader.execute(app)
        receipts.execute(app)
        ungated.execute(f'SET search_path = "{SCHEMA}"')
        people = [person for (person,) in ungated.execute("SELECT id FROM accounts_person LIMIT %s", [READS])]
        ours, logged, logged_all = [], [], []
        for person in people:
            ours.append(_timed(_gated_read, reader, receipts, person))
            logged.append(_timed(_logged_read, ungated, LOG, [person] * 2, person))
            logged_all.append(_timed(_logged_read, ungated, LOG_ALL, [person] * 4, person))
        return median(ours), median(logged), median(logged_all)


def _fence() -> float:
    """Seconds of one look whether this database is where it was: a part of each opening."""
    loop = f"DO $$ BEGIN FOR i IN 1..{READS} LOOP PERFORM consent_is_fenced(); END LOOP; END $$"
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(f'SET search_path = "{SCHEMA}"')
        return min(_timed(admin.execute, loop) for _ in range(3)) / READS


def _gated_read(reader, receipts, person) -> None:
    with reader.transaction():
        (xid,) = reader.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        receipts.execute(OPEN, [person, [person], xid])
        reader.execute(ROWS_OF, [person]).fetchall()


def _logged_read(ungated, log, values, person) -> None:
    with ungated.transaction():
        ungated.execute(log, values)
        ungated.execute(ROWS_OF, [person]).fetchall()


def _runs() -> tuple[float, float]:
    gated = median(_timed(_run) for _ in range(3))
    _gate("DISABLE")
    ungated = median(_ungated_run() for _ in range(3))
    _gate("ENABLE")
    return gated, ungated


def _run() -> None:
    with in_schema(SCHEMA):
        run_scores(by=None, at=timezone.now(), scope=RunScope.FULL)


def _ungated_run() -> float:
    """The same statement; its receipt is opened before the clock starts."""
    at = timezone.now()
    with in_schema(SCHEMA), transaction.atomic():
        model, week = ModelVersion.objects.get(is_current=True), last_full_week(at)
        run = Run.objects.create(model=model, scope="full", week=week, started_at=at, finished_at=at, people=0)
        with data_use(PurposeKey.SCORING, by=None, about=None, reason="Bench", at=at), connection.cursor() as cursor:
            return _timed(cursor.execute, "SELECT scoring_run(%s, %s, %s, NULL)", [run.pk, week, model.pk])


def _gate(verb: str) -> None:
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
        for table in gated_tables():
            admin.execute(f'ALTER TABLE "{SCHEMA}"."{table}" {verb} ROW LEVEL SECURITY')


def _timed(act, *arguments) -> float:
    start = time.perf_counter()
    act(*arguments)
    return time.perf_counter() - start
