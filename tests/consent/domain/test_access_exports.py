"""A person's own file: from its order to the end of its week, and what stands in it."""

import csv
import io
import json
import os
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, connection, connections, transaction

from accounts.domain import job_runs, jobs
from accounts.models import Job, Person
from accounts.states import JobState, Role
from accounts.tenants.context import in_schema
from consent.audit.domain.keys import public_keys
from consent.audit.models import Entry
from consent.audit.offline import verify
from consent.domain import access_exports, eraser, export_files
from consent.domain.access_exports import (
    cancel_access_export,
    forget_exports_of,
    newest_of,
    order_access_export,
    ready_for,
    write_access_export,
)  # fmt: skip
from consent.domain.choices import Wish, leave, stay_out, take_part
from consent.domain.data_map import data_map
from consent.domain.data_uses import data_use, own_view
from consent.domain.erasing import request_erasure
from consent.domain.export_files import remove_expired, state_of
from consent.models import AccessExport, DataUse, DataUsePerson, Grant, Obligation
from consent.states import ExportState, ObligationKind, Outcome, PurposeKey
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "exports"


@pytest.fixture
def taken(now):
    """Order somebody's file and have it made."""

    def take(person, *, at=now) -> AccessExport:
        export = order_access_export(person, by=person, at=at)
        write_access_export(jobs.lease(export.job.pk, at=at), clock=lambda: at)
        export.refresh_from_db()
        assert export.job.state == JobState.DONE
        return export

    return take


def files_of(export) -> dict[str, bytes]:
    with ZipFile(export_files.path_of(export.pk)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows_of(files, name) -> list[dict]:
    told = json.loads(files[f"{name}.json"])
    table = list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode())))
    assert len(table) == len(told)
    return told


def test_every_table_that_knows_people_is_in_it(taken, alice):
    files = files_of(taken(alice))
    tables = {name.removeprefix("data/").removesuffix(".json") for name in files if name.startswith("data/")}
    assert {table for table in tables if not table.endswith(".csv")} == {
        kind.table for kind in data_map() if kind.about
    }


def test_it_holds_what_is_kept_of_its_person_and_of_nobody_else(taken, alice, bob, now):
    stay_out(bob, at=now)
    files = files_of(taken(alice))
    everything = b"".join(files.values())

    (person,) = rows_of(files, "data/accounts_person")
    assert (person["id"], person["name"], person["email"]) == (str(alice.pk), alice.name, alice.email)
    assert [row["choice_id"] for row in rows_of(files, "data/consent_grant")] == [
        str(grant.choice_id) for grant in Grant.objects.filter(person=alice)
    ]
    assert bob.email.encode() not in everything
    assert str(bob.pk).encode() not in everything


def test_what_could_be_misused_is_withheld_and_the_reader_told_why(taken, alice):
    alice.set_password("a secret sentence")
    alice.save(update_fields=["password"])
    files = files_of(taken(alice))
    assert alice.password.encode() not in b"".join(files.values())
    assert b"accounts_person.password" in files["README.html"]
    assert b"could try passwords against it" in files["README.html"]


def test_agreements_are_there_word_for_word(taken, alice):
    (row,) = rows_of(files_of(taken(alice)), "agreements")
    wording = scoring_wording()
    assert (row["text"], row["legal_basis"], row["source"], row["taken_back_at"]) == (
        wording.text, wording.legal_basis, "Slack", None,
    )  # fmt: skip


def test_uses_are_told_with_refused_ones_and_the_look_that_made_the_file(taken, alice, bob, now):
    with own_view(alice, reason="Looking myself", at=now):
        pass
    with (
        pytest.raises(Exception, match="You may not look"),
        data_use(PurposeKey.COMPLIANCE_REVIEW, by=bob, about=[alice.pk], reason="Curiosity", at=now),
    ):
        pass

    uses = rows_of(files_of(taken(alice)), "uses")

    assert [(use["who"], use["why"], use["got"]) for use in uses] == [
        ("You", "Putting it into one file, as asked for", "your data"),
        ("Bob Baker", "Curiosity", "nothing"),
        ("You", "Looking myself", "your data"),
    ]


def test_it_is_made_under_one_use_by_the_person_about_themselves(taken, alice):
    taken(alice)
    (use,) = DataUse.objects.filter(purpose_version__purpose=PurposeKey.ACCESS_EXPORT)
    assert (use.by, [one.person_id for one in everyones(DataUsePerson).filter(use=use)]) == (alice.pk, [alice.pk])


def test_ledger_entries_prove_themselves_with_what_lies_beside_them(taken, alice, tmp_path):
    export = taken(alice)
    with ZipFile(export_files.path_of(export.pk)) as archive:
        archive.extractall(tmp_path / "taken")
    proof = tmp_path / "taken" / "ledger" / "proof.zip"

    assert verify.main([str(proof), "--key", str(public_keys()[-1])]) == 0

    entries = json.loads((tmp_path / "taken" / "ledger" / "entries.json").read_text())
    events = [entry["event"] for entry in entries]
    assert events[0] == "consent.grant_made"
    assert {entry["number"] for entry in entries} <= set(
        Entry.objects.filter(about=alice.pk).values_list("pk", flat=True)
    )
    with ZipFile(proof) as bundle:
        assert len(bundle.read("entries.tsv").splitlines()) == len(entries)


def test_cells_are_no_formulas(taken, alice, slack):
    Person.objects.filter(pk=alice.pk).update(name="=HYPERLINK(1)")
    files = files_of(taken(alice))
    assert b"'=HYPERLINK(1)" in files["data/accounts_person.csv"]
    assert json.loads(files["data/accounts_person.json"])[0]["name"] == "=HYPERLINK(1)"


def test_readme_says_of_every_file_what_it_is_and_loads_nothing(taken, alice):
    files = files_of(taken(alice))
    readme = files["README.html"].decode()
    assert [name for name in files if name != "README.html" and f'href="{name}"' not in readme] == []
    assert "http" not in readme
    assert "<script" not in readme


def test_file_is_for_its_owner_alone_on_disk_too(taken, alice):
    path = export_files.path_of(taken(alice).pk)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_order_owes_an_answer_by_a_date_and_the_file_is_that_answer(alice, now):
    export = order_access_export(alice, by=alice, at=now)
    owed = Obligation.objects.get(kind=ObligationKind.ACCESS_REQUEST)
    assert (owed.person, owed.thing, owed.done_at) == (alice.pk, export.pk, None)

    job_runs.run(export.job.pk, clock=lambda: now)

    owed.refresh_from_db()
    assert (owed.outcome, owed.done_at is None) == (Outcome.COMPLETE, False)


def test_order_is_not_doubled_while_one_is_being_made(alice, now):
    first, second = (order_access_export(alice, by=alice, at=now) for _ in range(2))
    assert (first, Job.objects.count(), Obligation.objects.count()) == (second, 1, 1)


def test_file_after_one_that_failed_keeps_both_promises(alice, now, taken, settings):
    parts = settings.ACCESS_EXPORT_PARTS
    settings.ACCESS_EXPORT_PARTS = ["math.sqrt"]  # refuses what it is given
    failed = order_access_export(alice, by=alice, at=now)
    job_runs.run(failed.job.pk, clock=lambda: now)
    assert state_of(AccessExport.objects.get(pk=failed.pk), at=now) == ExportState.GIVEN_UP
    settings.ACCESS_EXPORT_PARTS = parts

    taken(alice, at=now + timedelta(minutes=1))

    assert Obligation.objects.unmet().count() == 0
    assert [path.suffix for path in export_files.path_of(failed.pk).parent.iterdir()] == [""]


def test_cancelled_before_it_begins_leaves_nothing_and_owes_nothing(alice, now):
    export = order_access_export(alice, by=alice, at=now)
    cancel_access_export(export, by=alice, at=now)
    job_runs.run(export.job.pk, clock=lambda: now)
    assert Job.objects.get().state == JobState.CANCELLED
    assert Obligation.objects.get().outcome == Outcome.CANCELLED
    assert not export_files.path_of(export.pk).parent.exists()


def elsewhere(act) -> None:
    """Do something as another process would: on connections of its own, committed when this returns."""

    def run():
        with in_schema("acme"):
            act()
        connections.close_all()

    other = threading.Thread(target=run)
    other.start()
    other.join(20)


def test_cancelled_while_it_is_written_leaves_no_file(alice, now, monkeypatch):
    export = order_access_export(alice, by=alice, at=now)
    told = jobs.progress

    def cancel_once():
        export = AccessExport.objects.select_related("job", "person").get()
        if export.job.cancel_requested_at is None:
            cancel_access_export(export, by=alice, at=now)

    def cancel_then_tell(job, *arguments, **options):
        elsewhere(cancel_once)
        told(job, *arguments, **options)

    monkeypatch.setattr(jobs, "progress", cancel_then_tell)
    job_runs.run(export.job.pk, clock=lambda: now)

    assert state_of(AccessExport.objects.select_related("job").get(), at=now) == ExportState.GIVEN_UP
    assert list(export_files.path_of(export.pk).parent.iterdir()) == []


def test_worker_that_died_is_followed_by_one_that_begins_again(alice, now):
    export = order_access_export(alice, by=alice, at=now)
    jobs.lease(export.job.pk, at=now)  # takes it, and is never heard of again
    later = now + timedelta(minutes=5)
    jobs.kick_due(at=later)

    job_runs.run(export.job.pk, clock=lambda: later)

    assert ready_for(alice, at=later) == export
    assert Job.objects.get(pk=export.job.pk).attempts == 2


def test_newer_file_takes_the_place_of_the_older(alice, taken, now):
    older = taken(alice)
    newer = taken(alice, at=now + timedelta(hours=1))
    assert ready_for(alice, at=now + timedelta(hours=1)) == newer
    assert [path.name for path in export_files.path_of(older.pk).parent.iterdir()] == [str(newer.pk)]


def test_taking_back_a_yes_takes_the_file_with_it(alice, taken, now):
    export = taken(alice)
    leave(alice, at=now + timedelta(hours=1))
    assert ready_for(alice, at=now + timedelta(hours=1)) is None
    assert not export_files.path_of(export.pk).exists()


def test_withdrawal_in_raw_sql_ends_the_file_as_well(alice, taken, now):
    export = taken(alice)
    later, (choice,) = now + timedelta(hours=1), Grant.objects.filter(person=alice).values_list("choice", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO consent_withdrawal (grant_id, choice_id, withdrawn_at)"
            " SELECT id, %s, %s FROM consent_grant WHERE person_id = %s", [choice, later, alice.pk],
        )  # fmt: skip
    assert ready_for(alice, at=later) is None
    remove_expired(at=later)
    assert not export_files.path_of(export.pk).exists()


def test_leaving_ends_no_file_of_anybody_else(alice, bob, taken, now):
    of_bob = taken(bob)
    leave(alice, at=now + timedelta(minutes=1))
    assert ready_for(bob, at=now + timedelta(minutes=1)) == of_bob
    assert export_files.path_of(of_bob.pk).exists()


def test_withdrawal_that_is_rolled_back_leaves_the_file(alice, taken, now):
    export = taken(alice)
    with transaction.atomic():
        leave(alice, at=now + timedelta(hours=1))
        transaction.set_rollback(True)
    assert (ready_for(alice, at=now), export_files.path_of(export.pk).exists()) == (export, True)


def test_file_being_written_while_its_person_leaves_holds_nothing_of_it(alice, now, monkeypatch):
    """They leave after their agreements were read: it is begun again, and read as it is then."""
    export = order_access_export(alice, by=alice, at=now)
    real, left = access_exports._finish, []

    def leave_first(*arguments, **options):
        if not left:
            left.append(leave(Person.objects.get(pk=alice.pk), at=now))
        return real(*arguments, **options)

    monkeypatch.setattr(access_exports, "_finish", leave_first)
    job_runs.run(export.job.pk, clock=lambda: now)

    files = files_of(export)
    assert rows_of(files, "data/consent_opengrant") == []
    assert rows_of(files, "agreements")[0]["taken_back_reference"] == left[0].reference


def test_file_is_deleted_by_the_tick_when_its_week_is_over(alice, taken, now):
    export = taken(alice)
    path = export_files.path_of(export.pk)
    os.utime(path, (now.timestamp(), now.timestamp()))
    remove_expired(at=now + WEEK - timedelta(minutes=1))
    assert path.exists()
    remove_expired(at=now + WEEK)
    assert not path.exists()
    assert state_of(newest_of(alice), at=now + WEEK) == ExportState.EXPIRED


def test_file_that_the_commit_could_not_delete_goes_with_the_next_tick(alice, taken, now):
    export = taken(alice)
    content = export_files.path_of(export.pk).read_bytes()
    leave(alice, at=now)
    export_files.path_of(export.pk).write_bytes(content)  # as if the machine had stopped in between
    remove_expired(at=now + timedelta(minutes=1))
    assert not export_files.path_of(export.pk).exists()


def test_forgetting_deletes_whole_and_half_written_files(alice, taken):
    export = taken(alice)
    half = export_files.path_of(export.pk).with_name(f"{export.pk}-2.part")
    half.write_bytes(b"half")
    assert forget_exports_of(alice.pk) == 1
    assert list(half.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("attack", "guard"),
    [
        ("expires_at = made_at + interval '8 days'", "access_export_kept_a_week"),
        ("made_at = NULL", "access_export_made_as_a_whole"),
        ("withdrawn_at = made_at", "access_export_withdrawn_is_over"),
    ],
)
def test_no_sql_of_the_app_keeps_a_file_longer(alice, taken, attack, guard):
    taken(alice)
    with pytest.raises(IntegrityError, match=guard), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE consent_accessexport SET {attack}")


@pytest.mark.parametrize("column", ["person_id", "ordered_by", "ordered_at"])
def test_no_sql_of_the_app_gives_a_file_to_somebody_else(alice, bob, taken, column):
    taken(alice)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE consent_accessexport SET {column} = {column}")


def test_erasure_takes_the_file_too_though_nobody_can_search_in_it(bob, taken, now):
    """A zip shows no name to a search: its row says whose it is."""
    export = taken(bob)
    assert bob.email.encode() not in export_files.path_of(export.pk).read_bytes()

    erasure = request_erasure(bob, by=bob, at=now).erasure
    eraser.erase(erasure)

    assert not export_files.path_of(export.pk).exists()
    assert not AccessExport.objects.filter(person_id=bob.pk).exists()


def test_order_whose_person_was_erased_meanwhile_ends_quietly(bob, now):
    export = order_access_export(bob, by=bob, at=now)
    eraser.erase(request_erasure(bob, by=bob, at=now).erasure)

    job_runs.run(export.job.pk, clock=lambda: now)

    assert Job.objects.get(pk=export.job.pk).state == JobState.CANCELLED


def test_officer_acting_on_a_letter_orders_on_the_record_and_for_the_person_alone(bob, now):
    officer = PersonFactory(roles=[Role.OFFICER])
    export = order_access_export(bob, by=officer, at=now)
    write_access_export(jobs.lease(export.job.pk, at=now), clock=lambda: now)
    assert (ready_for(bob, at=now), ready_for(officer, at=now)) == (export, None)
    assert DataUse.objects.get(purpose_version__purpose=PurposeKey.ACCESS_EXPORT).by == officer.pk


def test_recomputing_runs_on_any_machine(alice, taken, tmp_path):
    with ZipFile(export_files.path_of(taken(alice).pk)) as archive:
        archive.extractall(tmp_path / "taken")
    run = subprocess.run(
        [sys.executable, "-I", tmp_path / "taken" / "score" / "recompute.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "You had not been given a score yet" in run.stdout


def test_coming_back_leaves_both_agreements_in_the_file(alice, slack, taken, now):
    leave(alice, at=now)
    take_part(alice, wish=Wish((scoring_wording().pk,), (slack.pk,), is_of_age=True), at=now + timedelta(seconds=1))
    rows = rows_of(files_of(taken(alice, at=now + timedelta(seconds=2))), "agreements")
    assert [row["taken_back_at"] is None for row in rows] == [False, True]
