"""Article 1, for events as they come: what happens at once neither deadlocks nor keeps what was withdrawn."""

import threading
import time

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.domain.choices import Wish, monday_of, take_part
from consent.models import OpenGrant
from scoring.domain.inboxes import close_weeks, open_inbox
from scoring.models import Sighting, WeekCount, WeekKey
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

TAKE = "SELECT scoring_take_events(%s, sha256(%s), %s, %s, %s, %s, %s)"
SEE = "INSERT INTO scoring_sighting (person_id, grant_id, kind, week, colleague) VALUES (%s, %s, %s, %s, %s)"
WITHDRAW = (
    "WITH c AS (INSERT INTO consent_choice (id, person_id, kind, reference, made_at)"
    " VALUES (gen_random_uuid(), %s, 'withdraw', 'W-1', now()) RETURNING id)"
    " INSERT INTO consent_withdrawal (choice_id, grant_id, withdrawn_at) SELECT id, %s, now() FROM c"
)
WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted)"


@pytest.fixture
def source(schema):
    source, steward = SourceFactory(), PersonFactory(roles=[Role.STEWARD])
    open_inbox(source, service="github", secret="a long secret", by=steward, at=timezone.now())
    return source


@pytest.fixture
def ada(source):
    person = PersonFactory()
    take_part(person, wish=Wish((scoring_wording().pk,), (source.pk,), is_of_age=True), at=timezone.now())
    return person


@pytest.fixture
def told(source, ada):
    """What a delivery says of some kinds, in this order, with one and the same colleague."""

    def values(number, *kinds):
        n = len(kinds)
        others = [kind + 1 for kind in kinds]
        weeks = [monday_of(timezone.now())] * n
        return [source.pk, number, [ada.email] * n, list(kinds), others, ["x@x.example"] * n, weeks]

    return values


def test_two_deliveries_that_tell_of_the_same_write_it_in_one_order(told, schema, app_connection, engine_link, run_sql):
    run_sql(TAKE, *told(b"1", 3))
    seen = everyones(Sighting).get()
    first, second = engine_link(schema), app_connection(schema)
    first.execute(SEE, [seen.person_id, seen.grant_id, 1, seen.week, seen.colleague])
    taking = threading.Thread(target=second.execute, args=[TAKE, told(b"2", 7, 1)])
    taking.start()
    wait_for(run_sql, second)
    first.execute("SET LOCAL lock_timeout = '2s'")
    first.execute(SEE, [seen.person_id, seen.grant_id, 7, seen.week, seen.colleague])
    first.commit()
    taking.join()
    second.commit()
    assert everyones(Sighting).count() == 3


def test_closing_a_week_waits_for_whoever_withdraws_and_counts_nothing_of_them(
    told, schema, ada, app_connection, engine_sql, run_sql
):
    run_sql(TAKE, *told(b"1", 3))
    for table in ("scoring_sighting", "scoring_weekkey"):
        engine_sql(f"UPDATE {table} SET week = week - 14")
    engine_sql("UPDATE consent_opengrant SET counts_from = counts_from - 28")
    leaving, closing = app_connection(schema), Closing(schema)
    leaving.execute("SELECT FROM accounts_person WHERE id = %s FOR NO KEY UPDATE", [ada.pk])
    closing.start()
    time.sleep(1)
    assert closing.is_alive()
    leaving.execute("SET LOCAL lock_timeout = '2s'")
    leaving.execute(WITHDRAW, [ada.pk, OpenGrant.objects.get(person=ada).pk])
    leaving.commit()
    closing.join()
    assert (closing.failed, everyones(WeekCount).count(), everyones(Sighting).count()) == (None, 0, 0)
    assert not WeekKey.objects.exists()


class Closing(threading.Thread):
    """The tick of another process."""

    def __init__(self, schema):
        super().__init__()
        self.schema, self.failed = schema, None

    def run(self):
        with in_schema(self.schema):
            try:
                close_weeks(at=timezone.now())
            except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
                self.failed = error
        connection.close()
        connections["receipts"].close()


def wait_for(run_sql, link):
    until = time.monotonic() + 5
    while run_sql(WAITING, link.info.backend_pid) != [(True,)]:
        assert time.monotonic() < until
        time.sleep(0.05)
