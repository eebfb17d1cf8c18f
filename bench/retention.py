"""What the nightly purge of a million expired rows costs, and how long anybody who reads meanwhile has to wait."""

import os
import threading
import time

import psycopg
from django.db import connection

from accounts.tenants.context import in_schema
from bench.companyful import SCHEMA, fill_company
from bench.table import Row
from consent.domain.retention import BATCH

PEOPLE, EXPIRED = 10_000, 1_000_000
LONGEST_WAIT = 1.0
OLD = """
SET session_replication_role = replica;
SET search_path = benchfull;
INSERT INTO scoring_weekcount (person_id, grant_id, kind, week, colleagues)
    SELECT o.person_id, o.grant_id, k, date_trunc('week', now())::date - 7 * w, 3
    FROM consent_opengrant o, generate_series(1, 5) k, generate_series(200, 200 + {weeks} - 1) w;
ANALYZE scoring_weekcount;
"""
PLAIN = "DELETE FROM benchfull.scoring_weekcount WHERE week < now() - interval '104 weeks'"
READ = "SELECT sum(colleagues) FROM benchfull.scoring_weekcount WHERE person_id = %s"


def rows(scale: float) -> list[Row]:
    people = max(100, int(PEOPLE * scale))
    expired = max(people * 5, int(EXPIRED * scale))
    fill_company(people=people, counts=people * 8)
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
        add = OLD.format(weeks=expired // (people * 5))
        admin.execute(add)
        purged, longest = _watched(_purge)
        admin.execute(add)
        plain, _ = _watched(lambda: admin.execute(PLAIN))
    return [
        Row(f"Purge of {expired:,} rows", f"{purged:.1f} s", f"{plain:.1f} s one DELETE", purged / plain, "report"),
        Row("… longest read meanwhile", f"{longest * 1000:.0f} ms", "1 s", longest / LONGEST_WAIT, "at most 1 ×"),
    ]


def _purge() -> None:
    """As the nightly job does it: batch by batch, each its own transaction."""
    with in_schema(SCHEMA), connection.cursor() as cursor:
        purged = 1
        while purged:
            cursor.execute("SELECT consent_purge('scoring_weekcount', %s)", [BATCH])
            (purged,) = cursor.fetchone()


def _watched(act) -> tuple[float, float]:
    """Seconds that an act takes, and the longest that one reader of one person waited meanwhile."""
    waits, over = [0.0], threading.Event()

    def read() -> None:
        with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as reader:
            (person,) = reader.execute("SELECT id FROM benchfull.accounts_person LIMIT 1").fetchone()
            while not over.is_set():
                start = time.perf_counter()
                reader.execute(READ, [person]).fetchone()
                waits.append(time.perf_counter() - start)
                time.sleep(0.005)

    watcher = threading.Thread(target=read)
    watcher.start()
    start = time.perf_counter()
    act()
    took = time.perf_counter() - start
    over.set()
    watcher.join()
    return took, max(waits)
