"""No page about a person reads a table of people’s rows from end to end: each plan goes in by an index.

With three rows a scan is what any planner would choose. So scans are forbidden here, and what still scans has no index.
"""

import json
from datetime import timedelta

import pytest
from django.db import connection

from accounts.tenants.privileges import gated_tables
from consent.models import OpenGrant
from scoring.models import WeekCount
from tests.everyones import everyones
from tests.scoring.views.conftest import MONDAY

PAGES = ["/me/", "/me/score/", "/me/weeks/", "/me/data/", "/me/uses/", "/me/grants/"]


@pytest.fixture
def someone_with_a_past(alice, make_score):
    grant = OpenGrant.objects.get(person=alice)
    everyones(WeekCount).bulk_create(
        WeekCount(person=alice, grant=grant, kind=kind, week=MONDAY - timedelta(weeks=week), colleagues=3)
        for kind in (1, 2)
        for week in (1, 2)
    )
    make_score(alice, {1: 1000}, weeks_ago=1)
    make_score(alice, {1: 1200, 2: 300})
    return alice


class Plans:
    """Asks for the plan of every reading statement, in the transaction and role in which it runs."""

    def __init__(self):
        self.scanned: set[str] = set()
        self.seen = 0

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith(("SELECT", "WITH")):
            self._explain(sql, params)
        return result

    def _explain(self, sql, params):
        with connection.connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            [(plan,)] = cursor.fetchall()
            cursor.execute("RESET enable_seqscan")
        self.seen += 1
        self._walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])

    def _walk(self, node):
        if node["Node Type"] == "Seq Scan":
            self.scanned.add(node["Relation Name"])
        for child in node.get("Plans", []):
            self._walk(child)


@pytest.mark.parametrize("page", PAGES)
def test_page_reads_people_s_rows_by_index_alone(client_for, someone_with_a_past, page):
    client, plans = client_for(someone_with_a_past), Plans()
    with connection.execute_wrapper(plans):
        assert client.get(page).status_code == 200
    assert plans.seen
    assert (
        plans.scanned & {*gated_tables(), "consent_grant", "consent_opengrant", "audit_entry", "accounts_person"}
        == set()
    )


def test_statement_without_an_index_would_be_seen(someone_with_a_past):
    plans = Plans()
    with connection.execute_wrapper(plans), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM consent_grant WHERE counts_from = now()::date")
    assert plans.scanned == {"consent_grant"}
