"""How long it takes to be erased, verified and certified, in a company of ten million rows, and what many at once cost.

Messages do not exist yet, so none are among the rows.
"""

import os
import threading
import time
from collections import defaultdict
from statistics import median, quantiles
from unittest.mock import patch

import psycopg
from django.db import connection, transaction
from django.utils import timezone

from accounts.domain import job_runs
from accounts.models import Job, Person
from accounts.tenants.context import in_schema
from bench.companyful import SCHEMA, fill_company
from bench.table import Row
from consent.domain import eraser
from consent.domain.erasing import request_erasure
from consent.models import Erasure

PEOPLE, COUNTS, USES, OTHERS_USES, ONE_BY_ONE, AT_ONCE = 20_000, 4_000_000, 2_000, 3_000_000, 40, 200
LIMIT = 60.0
# Nobody is chosen who is not among the first: they have 1,000 counts and have been used 2,000 times each.
RICH = """
SET session_replication_role = replica;
SET search_path = benchfull;
INSERT INTO scoring_weekcount (person_id, grant_id, kind, week, colleagues)
    SELECT o.person_id, o.grant_id, k, date_trunc('week', now())::date - 7 * w, 3
    FROM (SELECT * FROM consent_opengrant ORDER BY person_id LIMIT {rich}) o, generate_series(1, 8) k,
         generate_series(26, 125) w;
INSERT INTO consent_datause (id, purpose_version_id, by, reason, opened_at, reading_xid, tables, readable, reader_may)
    SELECT gen_random_uuid(), v.id, NULL, 'Bench', now(), 0, '{{}}', '{{}}', true
    FROM consent_purposeversion v, generate_series(1, {uses}) WHERE v.purpose = 'scoring' AND v.is_current;
INSERT INTO consent_datauseperson (person_id, use_id, is_allowed)
    SELECT p.id, u.id, true FROM (SELECT id FROM accounts_person ORDER BY id LIMIT {rich}) p,
         (SELECT id FROM consent_datause WHERE reason = 'Bench') u;
INSERT INTO consent_datauseperson (person_id, use_id, is_allowed)
    SELECT p.id, gen_random_uuid(), true FROM (SELECT id FROM accounts_person ORDER BY id DESC LIMIT 1000) p,
         generate_series(1, {others} / 1000);
INSERT INTO audit_entry (at, event, payload)
    SELECT now(), 'consent.data_used', jsonb_build_object('use', gen_random_uuid(), 'asked', i, 'allowed', i)
    FROM generate_series(1, {others} / 3) i;
ANALYZE;
"""


def rows(scale: float) -> list[Row]:
    one_by_one, at_once = max(3, int(ONE_BY_ONE * min(1, scale * 4))), max(20, int(AT_ONCE * scale))
    fill_company(people=int(PEOPLE * scale) + at_once, counts=int(COUNTS * scale))
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(RICH.format(rich=one_by_one, uses=USES, others=max(1000, int(OTHERS_USES * scale))))
    with in_schema(SCHEMA):
        people = list(Person.objects.order_by("id")[: one_by_one + at_once])
        asked, erased, shares = _one_by_one(people[:one_by_one])
        throughput, quiet, busy = _at_once(people[one_by_one:])
    slowest = quantiles(erased, n=100)[98] if len(erased) > 1 else erased[0]
    told = ", ".join(f"{name} {share:.0%}" for name, share in sorted(shares.items(), key=lambda s: -s[1])[:5])
    return [
        Row("Request to be erased", f"{median(asked) * 1000:.0f} ms", "300 ms", median(asked) / 0.3, "at most 1 ×"),
        Row("Erasure, p50", f"{median(erased):.2f} s", f"{LIMIT:.0f} s", median(erased) / LIMIT, "at most 1 ×"),
        Row("Erasure, p99", f"{slowest:.2f} s", f"{LIMIT:.0f} s", slowest / LIMIT, "at most 1 ×"),
        Row("… of which", told, "", None, "report"),
        Row(f"{at_once:,} queued", f"{throughput:.1f} a second", "", None, "report"),
        Row("Page read meanwhile", f"{busy * 1000:.2f} ms", f"{quiet * 1000:.2f} ms quiet", busy / quiet, "report"),
    ]


def _one_by_one(people: list[Person]) -> tuple[list[float], list[float], dict[str, float]]:
    """Seconds of asking and of erasing, one person after the other, and each step's share of the latter."""
    asked, erased, spent = [], [], defaultdict(float)
    for person in people:
        start = time.perf_counter()
        request_erasure(person, by=person, at=timezone.now())
        asked.append(time.perf_counter() - start)
        start = time.perf_counter()
        with _timed_steps(spent):
            _work()
        erased.append(time.perf_counter() - start)
    _refuse_unfinished()
    return asked, erased, {name: seconds / sum(erased) for name, seconds in spent.items()}


def _timed_steps(spent):
    """Note how long each of the eraser's own calls takes, by what it does."""
    names = {"erase": "deleting", "look_again": "looking again", "rewrite_storage": "writing pages anew"}

    def timed(function, name):
        def call(*arguments, **named):
            start = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                spent[name] += time.perf_counter() - start

        return call

    return patch.multiple(eraser, **{f: timed(getattr(eraser, f), name) for f, name in names.items()})


def _at_once(people: list[Person]) -> tuple[float, float, float]:
    """Erasures a second, and a page's read before and meanwhile."""
    quiet = _read_for(2.0)
    with transaction.atomic():
        for person in people:
            request_erasure(person, by=person, at=timezone.now())
    reads: list[float] = []
    over = threading.Event()
    reader = threading.Thread(target=_read_until, args=(over, reads))
    start = time.perf_counter()
    reader.start()
    _work()
    took = time.perf_counter() - start
    over.set()
    reader.join()
    _refuse_unfinished()
    return len(people) / took, median(quiet), median(reads)


def _work() -> None:
    job_runs.run(Job.objects.get(kind="erase_people", state="queued").pk, clock=timezone.now)


def _refuse_unfinished() -> None:
    left = Erasure.objects.exclude(state="erased").values_list("reference", "found")
    if left:
        raise RuntimeError(f"Not erased: {list(left)[:3]}")


def _read_for(seconds: float) -> list[float]:
    over, reads = threading.Event(), []
    threading.Timer(seconds, over.set).start()
    _read_until(over, reads)
    return reads


def _read_until(over: threading.Event, reads: list[float]) -> None:
    """What every page begins with: session, person, roles."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as link:
        link.execute(f'SET search_path = "{SCHEMA}"; SET ROLE "{connection.settings_dict["NAME"]}__{SCHEMA}"')
        while not over.is_set():
            start = time.perf_counter()
            link.execute("SELECT * FROM accounts_person ORDER BY id DESC LIMIT 1").fetchall()
            link.execute("SELECT count(*) FROM django_session").fetchall()
            reads.append(time.perf_counter() - start)
            time.sleep(0.01)
