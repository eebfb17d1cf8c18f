"""The sealer as it runs: a real process, killed and started again; and the commands around the ledger."""

import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.domain import jobs
from accounts.models import Job
from accounts.tenants.context import in_schema
from consent import tasks
from consent.audit.domain.keys import public_keys
from consent.audit.domain.state import ledger_state
from consent.audit.models import Checkpoint, Entry, Leaf, Verification
from tests.conftest import NOW
from tests.consent.audit.test_sealing import happen, seal_all

PATIENCE = 10  # seconds, the promise of Article 3


@pytest.fixture
def start_sealer(committed):
    started = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "manage.py", "seal"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_until_sealed(number: int, within: float = PATIENCE) -> None:
    end = time.monotonic() + within
    while Leaf.objects.count() < number:
        assert time.monotonic() < end, f"{Leaf.objects.count()} of {number} entries were sealed in time"
        time.sleep(0.1)


def test_entries_are_sealed_within_ten_seconds_and_after_the_sealer_was_killed(in_acme, start_sealer):
    first = start_sealer()
    wait_until_sealed(0)
    happen(3)
    wait_until_sealed(3, within=PATIENCE + 10)  # its start takes a few seconds
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    happen(500)
    start_sealer()
    wait_until_sealed(503, within=PATIENCE + 10)
    happen(2)
    wait_until_sealed(505)
    assert sorted(Leaf.objects.values_list("entry_id", flat=True)) == list(
        Entry.objects.order_by("id").values_list("id", flat=True)
    )


def test_sealing_once_seals_every_company(in_acme, globex):
    happen()
    with in_schema("globex"):
        happen()
    call_command("seal", "--once")
    assert Checkpoint.objects.exists()
    with in_schema("globex"):
        assert Checkpoint.objects.exists()


def test_two_companies_have_ledgers_of_their_own(in_acme, globex):
    happen()
    seal_all()
    with in_schema("globex"):
        happen()
        seal_all()
        other = public_keys()
    assert {key.name for key in public_keys()}.isdisjoint({key.name for key in other})


# ── State and verification ──────────────────────────────────────────────────────────────
def test_state_tells_what_waits_and_since_when(in_acme):
    happen(2)
    seal_all()
    seal_all()
    happen(3)
    state = ledger_state(at=NOW)
    assert (state.sealed, state.waiting, state.verification) == (3, 3, None)
    assert state.waiting_since == Entry.objects.order_by("-id")[2].recorded_at


def test_command_says_that_the_ledger_is_verified(in_acme):
    happen(3)
    seal_all()
    said = StringIO()
    call_command("verify_ledger", "acme", stdout=said)
    assert "acme: 4 entries verified." in said.getvalue()


def test_command_names_the_entry_that_differs(in_acme, owner_connection):
    happen(3)
    seal_all()
    owner_connection.execute("UPDATE acme.audit_entry SET event = 'test.other' WHERE id = 2")
    said = StringIO()
    with pytest.raises(CommandError, match="The ledger of acme is not what was sealed"):
        call_command("verify_ledger", stdout=said)
    assert re.search(r"acme: Entry 2 \(leaf 1, recorded .*\) is not what was sealed\.", said.getvalue())


def test_command_knows_the_companies_it_is_asked_about(db):
    with pytest.raises(CommandError, match="There is no company nowhere"):
        call_command("verify_ledger", "nowhere")


def test_rotating_the_key_says_which_is_new(in_acme):
    happen()
    seal_all()
    said = StringIO()
    call_command("rotate_ledger_key", "acme", stdout=said)
    assert str(public_keys()[-1]) in said.getvalue()
    assert len(public_keys()) == 2


def test_worker_verifies_and_keeps_what_it_found(in_acme):
    happen(3)
    seal_all()
    job = jobs.start(tasks.VERIFY, title="Verify the ledger", arguments={}, by=None, at=NOW)
    tasks.verify_ledger(jobs.lease(job.pk, at=NOW))
    job.refresh_from_db()
    assert (job.state, job.message) == ("done", "4 entries verified.")
    assert Verification.objects.get().is_sound


def test_sealed_ledger_is_verified_daily(in_acme):
    tasks.verify_daily(at=NOW)
    assert not Job.objects.exists()
    happen()
    seal_all()
    tasks.verify_daily(at=NOW)
    tasks.verify_daily(at=NOW + timedelta(minutes=1))
    job = Job.objects.get()
    tasks.verify_ledger(jobs.lease(job.pk, at=NOW))
    verified = Verification.objects.get()
    tasks.verify_daily(at=verified.at + timedelta(hours=23))
    assert Job.objects.count() == 1
    tasks.verify_daily(at=verified.at + timedelta(hours=25))
    assert Job.objects.count() == 2
