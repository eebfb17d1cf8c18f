"""Taking one's data: a person with 1,000 week counts and 2,000 recorded uses, and one with ten times as many rows."""

import os
import time
import tracemalloc
from uuid import UUID

import psycopg
from django.utils import timezone

from accounts.domain import jobs
from accounts.models import Person
from accounts.tenants.context import in_schema
from bench.companyful import SCHEMA, fill_company
from bench.table import Row
from consent.audit.domain.sealing import seal
from consent.domain.access_exports import order_access_export, write_access_export
from consent.models import AccessExport

LIMIT = 60
MORE = 10
KINDS = 8
# As the gate and the importer would have written them; the owner writes them in bulk.
FILL = """
SET session_replication_role = replica;
SET search_path = benchfull;
INSERT INTO scoring_weekcount (person_id, grant_id, kind, week, colleagues)
    SELECT o.person_id, o.grant_id, k, date_trunc('week', now())::date - 7 * w, 1 + (k * 3 + w) % 9
    FROM consent_opengrant o, generate_series(1, {kinds}) k, generate_series(0, {weeks} - 1) w
    WHERE o.person_id = '{person}' ON CONFLICT DO NOTHING;
WITH use AS (
    INSERT INTO consent_datause
        (id, purpose_version_id, by, reason, opened_at, reading_xid, reader_may, tables, readable)
    SELECT gen_random_uuid(), v.id, NULL, 'Working out scores', now() - i * interval '1 hour', 0, true, v.tables, '{{}}'
    FROM consent_purposeversion v, generate_series(1, {uses}) i WHERE v.purpose = 'scoring' AND v.is_current
    RETURNING id, opened_at
), person AS (
    INSERT INTO consent_datauseperson (use_id, person_id, is_allowed) SELECT id, '{person}', true FROM use
)
INSERT INTO audit_entry (at, event, about, payload)
    SELECT opened_at, 'consent.data_used', '{person}',
           jsonb_build_object('use', id, 'purpose', 'scoring', 'version', 1, 'asked', 1, 'allowed', 1) FROM use;
"""


def rows(scale: float) -> list[Row]:
    fill_company(people=max(20, int(1_000 * scale)), counts=0)
    with in_schema(SCHEMA):
        person, busy = Person.objects.order_by("pk")[:2]
    _fill(person.pk, counts=int(1_000 * scale), uses=int(2_000 * scale))
    _fill(busy.pk, counts=int(1_000 * scale) * MORE, uses=int(2_000 * scale) * MORE)
    small, large = _taken(person), _taken(busy)
    of_small, of_large = _memory(person), _memory(busy)
    what = f"Taking one’s data, {small[1].rows:,} rows, {small[1].bytes / 1e6:.2f} MB"
    more = f"… {large[1].rows:,} rows, {large[1].bytes / 1e6:.1f} MB"
    return [
        Row(what, f"{small[0]:.2f} s", f"{LIMIT} s", small[0] / LIMIT, "below 1"),
        Row(more, f"{large[0]:.2f} s", f"{small[0]:.2f} s", large[0] / small[0], f"at most {MORE} ×"),
        Row("… its memory", f"{of_large:.1f} MB", f"{of_small:.1f} MB, a tenth of it", of_large / of_small, "flat"),
    ]


def _fill(person: UUID, *, counts: int, uses: int) -> None:
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(FILL.format(person=person, kinds=KINDS, weeks=max(1, counts // KINDS), uses=uses))
    with in_schema(SCHEMA):
        while seal(at=timezone.now()):
            pass


def _taken(person: Person) -> tuple[float, AccessExport]:
    """From the press of the button to the file on the disk."""
    with in_schema(SCHEMA):
        start = time.perf_counter()
        export = order_access_export(person, by=person, at=timezone.now())
        write_access_export(jobs.lease(export.job.pk, at=timezone.now()), clock=timezone.now)
        took = time.perf_counter() - start
        export.refresh_from_db()
        return took, export


def _memory(person: Person) -> float:
    """The most that Python held at a time, in megabytes. Watching slows it down, so it is a run of its own."""
    tracemalloc.start()
    try:
        _taken(person)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
