"""Whatever dies in the middle of an erasure: nothing is left behind, and nobody is called erased who is not."""

import os
import random
import signal
import subprocess
import sys
import time

import psutil
import psycopg
import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.domain.job_runs import run
from accounts.models import Job, Person
from accounts.tenants.context import in_schema
from consent.domain import eraser
from consent.domain.erasing import start_erasing
from consent.models import Erasure, Obligation
from tests import postgres
from tests.factories.accounts import PersonFactory

WORK = """
import django; django.setup()
from django.utils import timezone
from accounts.tenants.context import in_schema
from accounts.models import Job
from accounts.domain.job_runs import run
with in_schema("acme"):
    run(Job.objects.get(kind="erase_people", state="queued").pk, clock=timezone.now)
"""
DIES_AT = [0.0, 0.02, 0.05, 0.1, 0.2, 0.4]


@pytest.fixture
def leavers(in_acme, ask):
    people = [PersonFactory(name=f"Leaver Number{n}", can_sign_in=True) for n in range(4)]
    for person in people:
        ask(person)
    return people


def go_on():
    """What the tick does once the lease of a dead worker has run out."""
    Job.objects.update(state="failed", finished_at=timezone.now())
    start_erasing(at=timezone.now())
    run(Job.objects.get(kind="erase_people", state="queued").pk, clock=timezone.now)


def assert_gone(people):
    assert list(Erasure.objects.values_list("state", "found")) == [("erased", {})] * len(people)
    assert set(Obligation.objects.values_list("outcome", flat=True)) == {"complete"}
    assert not Person.objects.filter(pk__in=[person.pk for person in people]).exists()


@pytest.mark.slow
@pytest.mark.parametrize("pause", DIES_AT)
def test_killed_worker_leaves_nothing(leavers, pause):
    worker = subprocess.Popen(
        [sys.executable, "-c", WORK],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    while worker.poll() is None and not Job.objects.filter(state="running").exists():
        time.sleep(0.01)
    time.sleep(pause + random.uniform(0, 0.03))
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    erased_so_far = Erasure.objects.filter(state="erased")
    assert all(e.found == {} and e.entry for e in erased_so_far)
    go_on()
    assert_gone(leavers)


@pytest.mark.slow
@pytest.mark.parametrize("statement", [3, 15, 21])
def test_killed_server_leaves_nothing(leavers, monkeypatch, statement):
    """SIGKILL to a backend: PostgreSQL throws everybody out and recovers from its log."""
    with psycopg.connect(postgres.SERVER_URL, autocommit=True) as admin:
        admin.execute("CHECKPOINT")  # the tests' server flushes no commit by itself; what was asked for is on disk
    before, seen = eraser._call, []

    def call(*arguments):
        seen.append(1)
        if len(seen) == statement:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backend = psutil.Process(cursor.fetchone()[0])
            if os.getpid() not in {parent.pid for parent in backend.parents()}:
                pytest.skip("This server is not ours to kill.")
            backend.send_signal(signal.SIGKILL)
        return before(*arguments)

    monkeypatch.setattr(eraser, "_call", call)
    run(Job.objects.get(kind="erase_people", state="queued").pk, clock=timezone.now)
    connections.close_all()
    _wait_for_server()
    with in_schema("acme"):
        go_on()
        assert_gone(leavers)


def _wait_for_server():
    for _ in range(200):
        try:
            psycopg.connect(postgres.SERVER_URL).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return


@pytest.mark.slow
@pytest.mark.parametrize("statement", range(0, 60, 6))
def test_connection_that_dies_at_a_statement_leaves_nothing(leavers, monkeypatch, statement):
    """The n-th statement of the eraser finds its backend killed by the server's administrator."""
    before, seen = eraser._call, []

    def call(*arguments):
        seen.append(1)
        if len(seen) == statement:
            with psycopg.connect(postgres.SERVER_URL, autocommit=True) as admin, connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                admin.execute("SELECT pg_terminate_backend(%s)", [cursor.fetchone()[0]])
        return before(*arguments)

    monkeypatch.setattr(eraser, "_call", call)
    run(Job.objects.get(kind="erase_people", state="queued").pk, clock=timezone.now)
    connection.close()
    with in_schema("acme"):
        go_on()
        assert_gone(leavers)
