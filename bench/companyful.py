"""A company full of people and counts, loaded by the owner in bulk; scores by a real run."""

import os

import psycopg
from django.db import transaction
from django.utils import timezone

from accounts.tenants.context import in_schema
from accounts.tenants.domain.provisioning import provision
from scoring.domain.runs import run_scores

SCHEMA, HOST = "benchfull", "benchfull.localhost"
WEEKS, KINDS = 26, 8

# Constraints of rows in bulk are trusted here: the rows are made to fit, and checking is measured elsewhere.
FILL = """
SET session_replication_role = replica;
SET search_path = benchfull;
INSERT INTO accounts_person (id, password, email, name, is_active, joined_at)
    SELECT gen_random_uuid(), '!', 'p' || i || '@bench.example', 'Person ' || i, true, now()
    FROM generate_series(1, {people}) i;
INSERT INTO consent_source (id, name, kind, description, created_at, created_by)
    VALUES (gen_random_uuid(), 'Bench', 'csv', 'Bench', now(), gen_random_uuid());
INSERT INTO consent_choice (id, person_id, kind, reference, made_at)
    SELECT gen_random_uuid(), id, 'take_part', 'B-' || row_number() OVER (), now() FROM accounts_person;
INSERT INTO consent_grant (person_id, purpose_version_id, source_id, choice_id, counts_from, granted_at)
    SELECT c.person_id, v.id, s.id, c.id, date_trunc('week', now() - interval '26 weeks')::date, now()
    FROM consent_choice c, consent_source s, consent_purposeversion v WHERE v.purpose = 'scoring' AND v.is_current;
INSERT INTO consent_opengrant (grant_id, person_id, purpose, purpose_version_id, source_id, counts_from)
    SELECT g.id, g.person_id, 'scoring', g.purpose_version_id, g.source_id, g.counts_from FROM consent_grant g;
INSERT INTO consent_participation (person_id, purpose, since)
    SELECT person_id, 'scoring', granted_at FROM consent_grant;
INSERT INTO scoring_weekcount (person_id, grant_id, kind, week, colleagues)
    SELECT o.person_id, o.grant_id, k, date_trunc('week', now())::date - 7 * w, 1 + (o.grant_id * 7 + k * 3 + w) % 9
    FROM consent_opengrant o, generate_series(1, {kinds}) k, generate_series(0, {weeks} - 1) w;
INSERT INTO scoring_switch (is_on, reason, switched_by) VALUES (true, 'Bench', gen_random_uuid());
ANALYZE;
"""


EMPTY = """
DROP SCHEMA IF EXISTS benchfull CASCADE;
DELETE FROM tenants_host; DELETE FROM tenants_company;
"""


def fill_company(*, people: int, counts: int) -> None:
    """Make the company afresh, with `people` people who all take part, and about `counts` week counts."""
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(EMPTY)
    with transaction.atomic():
        provision(name="Bench", schema=SCHEMA, host=HOST, time_zone="UTC", at=timezone.now())
    weeks = min(WEEKS, counts // (people * KINDS))
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(FILL.format(people=people, kinds=KINDS, weeks=weeks))
    if counts:
        with in_schema(SCHEMA):
            run_scores(by=None, at=timezone.now())
