"""An export from its order to the end of its week."""

import hashlib
import json
import os
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.domain import job_runs, jobs
from accounts.models import Job
from accounts.states import JobState, Role
from consent.audit.domain.keys import public_keys
from consent.audit.models import Entry
from consent.audit.offline import verify
from consent.domain import export_files, ledger_exports, ledger_search
from consent.domain.choices import stay_out
from consent.domain.export_files import remove_expired, state_of
from consent.domain.ledger_exports import UnknownFormat, order_export, write_export
from consent.domain.ledger_query import QueryNotUnderstood
from consent.models import DataUse, LedgerExport
from consent.states import ExportState
from tests.factories.accounts import PersonFactory

WEEK = timedelta(days=7)


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", roles=[Role.OFFICER])


@pytest.fixture
def order(officer, now):
    def make(text="", format_name="jsonl"):
        return order_export(text, format_name=format_name, by=officer, at=now, zone=timezone.get_current_timezone())

    return make


@pytest.fixture
def made(order, now):
    def make(*arguments):
        export = order(*arguments)
        write_export(jobs.lease(export.job.pk, at=now), clock=lambda: now)
        return LedgerExport.objects.select_related("job").get(pk=export.pk)

    return make


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "exports"


def files():
    folder = export_files.path_of(uuid4()).parent
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def lines_of(export):
    return [json.loads(line) for line in export_files.path_of(export.pk).read_text().splitlines()]


def test_file_holds_exactly_what_the_query_finds_oldest_first(made, alice, bob, now):
    for minutes in (2, 1, 3):
        stay_out(bob, at=now + timedelta(minutes=minutes))

    export = made("event:StayedOut")

    content = export_files.path_of(export.pk).read_bytes()
    ids = list(Entry.objects.filter(event="consent.stayed_out").order_by("at").values_list("pk", flat=True))
    assert [line["id"] for line in lines_of(export)] == ids
    assert (export.rows, export.bytes, export.sha256) == (3, len(content), hashlib.sha256(content).hexdigest())
    assert (export.made_at, export.expires_at) == (now, now + WEEK)
    assert (export.job.state, export.job.done, export.job.total) == (JobState.DONE, 3, 3)
    assert state_of(export, at=now) == ExportState.READY


def test_what_comes_after_the_order_is_not_in_it(order, bob, now):
    stay_out(bob, at=now)
    export = order("event:StayedOut")
    stay_out(bob, at=now - timedelta(days=1))

    job_runs.run(export.job.pk, clock=lambda: now)

    assert len(lines_of(export)) == 1


def test_batches_leave_out_nothing_and_repeat_nothing(made, bob, now, monkeypatch):
    monkeypatch.setattr(ledger_search, "ENTRIES_A_BATCH", 2)
    for _ in range(5):
        stay_out(bob, at=now)

    export = made("event:StayedOut")

    assert [line["id"] for line in lines_of(export)] == sorted(
        Entry.objects.filter(event="consent.stayed_out").values_list("pk", flat=True)
    )


def test_batch_is_asked_for_by_place_and_never_by_offset(made, bob, now, monkeypatch):
    monkeypatch.setattr(ledger_search, "ENTRIES_A_BATCH", 2)
    for _ in range(5):
        stay_out(bob, at=now)
    with CaptureQueriesContext(connection) as queries:
        made("event:StayedOut")
    reads = [query["sql"] for query in queries if 'FROM "audit_entry"' in query["sql"]]
    assert [sql for sql in reads if "OFFSET" in sql] == []
    assert len([sql for sql in reads if "LIMIT 2" in sql]) == 4


def test_export_is_in_the_ledger_without_its_query(made, officer, bob, now):
    stay_out(bob, at=now)

    export = made("event:StayedOut")

    entry = Entry.objects.get(event="consent.ledger_exported")
    assert (entry.by, entry.at, entry.payload) == (
        officer.pk, now, {"export": str(export.pk), "format": "jsonl", "rows": 1, "sha256": export.sha256},
    )  # fmt: skip


def test_names_are_kept_as_ids_and_put_on_record(made, alice, bob, now):
    stay_out(bob, at=now)

    export = made("about:bob event:StayedOut")

    assert export.query == f"about:{bob.pk} event:StayedOut"
    assert len(lines_of(export)) == 1
    assert DataUse.objects.get().reason == "Exporting what the ledger holds, by name"


def test_query_that_finds_nothing_makes_an_empty_file(made, alice):
    export = made("event:StayedOut")
    assert (export.rows, export.bytes, lines_of(export)) == (0, 0, [])


@pytest.mark.parametrize(
    ("arguments", "refusal"), [(("event:Nonsense",), QueryNotUnderstood), (("", "docx"), UnknownFormat)]
)
def test_order_that_cannot_be_met_is_refused_before_any_work(order, arguments, refusal):
    with pytest.raises(refusal):
        order(*arguments)
    assert (LedgerExport.objects.count(), Job.objects.count()) == (0, 0)


def test_cancelled_export_leaves_no_file(order, officer, bob, now, monkeypatch):
    monkeypatch.setattr(ledger_search, "ENTRIES_A_BATCH", 1)
    for _ in range(3):
        stay_out(bob, at=now)
    export = order()
    told = jobs.progress

    def cancel_after_the_first(job, done, *arguments, **options):
        if done == 1:
            jobs.request_cancel(Job.objects.get(pk=job.pk), by=officer, at=now)
        told(job, done, *arguments, **options)

    monkeypatch.setattr(jobs, "progress", cancel_after_the_first)

    job_runs.run(export.job.pk, clock=lambda: now)

    export = LedgerExport.objects.select_related("job").get()
    assert (export.job.state, files()) == (JobState.CANCELLED, [])
    assert state_of(export, at=now) == ExportState.GIVEN_UP


def test_failed_export_leaves_neither_file_nor_row_half_made(order, bob, now, monkeypatch):
    stay_out(bob, at=now)
    export = order()

    def fail(*_arguments, **_options):
        raise RuntimeError

    monkeypatch.setattr(ledger_exports, "record", fail)

    job_runs.run(export.job.pk, clock=lambda: now)

    export = LedgerExport.objects.select_related("job").get()
    assert (export.job.state, export.made_at, files()) == (JobState.FAILED, None, [])


def test_file_goes_when_its_week_is_over(made, bob, now):
    stay_out(bob, at=now)
    export = made()
    os.utime(export_files.path_of(export.pk), (now.timestamp(), now.timestamp()))

    remove_expired(at=now + WEEK - timedelta(minutes=1))
    assert files() == [str(export.pk)]

    remove_expired(at=now + WEEK)
    assert files() == []
    assert state_of(export, at=now + WEEK) == ExportState.EXPIRED


def test_what_a_dead_worker_left_goes_after_a_day_and_not_before(in_acme, now):
    with export_files.being_written(uuid4(), attempt=1) as (path, _file):
        os.utime(path, (now.timestamp(), now.timestamp()))
    remove_expired(at=now + timedelta(hours=23))
    assert files() == [path.name]
    remove_expired(at=now + timedelta(hours=25))
    assert files() == []


def test_proof_bundle_proves_exactly_what_the_query_found(made, officer, now, capsys):
    """Nothing was sealed before: the export has it sealed, the very newest entry included."""
    stay_out(officer, at=now)
    export = made("event:StayedOut", "proof")
    assert export.rows == 1
    path = export_files.path_of(export.pk)
    assert verify.main([str(path), "--key", str(public_keys()[-1])]) == 0
    assert "1 entries verified" in capsys.readouterr().out
