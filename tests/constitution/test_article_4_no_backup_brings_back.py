"""Article 4: a restored backup brings nobody back to light."""

from pathlib import Path

import psycopg
import pytest
from django.db import Error
from django.utils import timezone

from accounts.models import Person
from config.launch.addresses import readdressed
from consent.audit.models import Entry
from consent.domain import fence, journal, replay
from consent.domain.choices import leave
from consent.domain.data_uses import FencedOff, ReadingStopped, own_view
from consent.domain.erasing import request_erasure
from consent.domain.journal_file import JournalBroken
from consent.models import Fence, OpenGrant, Unjournaled
from tests import postgres
from tests.factories.accounts import JobFactory, PersonFactory

MOVED = [
    "UPDATE {schema}.consent_fence SET mark = 'another cluster/00000001/1/1'",
    "UPDATE {schema}.consent_fence SET mark = replace(mark, '/00000001/', '/00000002/')",
    "UPDATE {schema}.consent_fence SET raised_at = now()",
    "DELETE FROM {schema}.consent_fence",
]


@pytest.fixture
def put_back(alice):
    """Put everything about Alice's grants back as it was, as a restore would. Neither app nor owner could."""
    address = readdressed(postgres.SERVER_URL, dbname=postgres.DATABASE)
    with psycopg.connect(address, autocommit=True) as superuser:
        yield _restore(superuser)


def _restore(superuser):
    kept = {}
    for table in ("accounts_person", "consent_choice", "consent_grant", "consent_participation", "consent_opengrant"):
        kept[table] = superuser.execute(f"SELECT to_jsonb(t) FROM acme.{table} t").fetchall()

    def restore():
        for table in ("consent_erasurestep", "consent_erasure", "consent_obligation", "consent_withdrawal"):
            superuser.execute(f"TRUNCATE acme.{table} CASCADE")
        superuser.execute("TRUNCATE acme.consent_suppression, acme.consent_journalmark")
        superuser.execute("SET session_replication_role = replica")
        for table, rows in kept.items():
            superuser.execute(f"DELETE FROM acme.{table}")
            for (row,) in rows:
                superuser.execute(
                    f"INSERT INTO acme.{table} SELECT * FROM jsonb_populate_record(NULL::acme.{table}, %s)",
                    [psycopg.types.json.Jsonb(row)],
                )
        superuser.execute("RESET session_replication_role")
        superuser.execute("UPDATE acme.consent_fence SET mark = 'elsewhere'")

    return restore


def read(person):
    with own_view(person, reason="x", at=timezone.now()):
        return True


@pytest.mark.parametrize("moved", MOVED, ids=["cluster", "timeline", "raised", "unmarked"])
def test_data_in_another_place_is_read_by_nobody(schema, owner_connection, moved):
    person = PersonFactory()
    before = owner_connection.execute(f'SELECT mark, lowered_at FROM "{schema}".consent_fence').fetchone()
    owner_connection.execute(moved.format(schema=schema))
    try:
        with pytest.raises(ReadingStopped):
            read(person)
    finally:
        owner_connection.execute(f'DELETE FROM "{schema}".consent_fence')
        owner_connection.execute(
            f'INSERT INTO "{schema}".consent_fence (id, mark, lowered_at) VALUES (1, %s, %s)', before
        )
    assert read(person)


@pytest.mark.parametrize(
    "attack",
    ["UPDATE consent_fence SET raised_at = NULL", "INSERT INTO consent_fence VALUES (2, 'x', now())",
     "DELETE FROM consent_fence", "SELECT consent_lower_fence()", "SELECT consent_settle()",
     "SELECT consent_go_on()"],
)  # fmt: skip
def test_app_cannot_lower_the_fence_by_hand(schema, run_sql, attack):
    PersonFactory()
    fence._call("SELECT consent_raise_fence()")
    with pytest.raises(Error):
        run_sql(attack)
    assert fence.is_fenced()
    _lower()


def _lower():
    replay.replay(JobFactory(state="running", attempts=1), at=timezone.now())


def test_leaving_goes_on_behind_the_fence(alice):
    fence._call("SELECT consent_raise_fence()")
    with pytest.raises(FencedOff, match="Leaving works as ever"):
        read(alice)
    leave(alice, at=timezone.now())
    assert not OpenGrant.objects.filter(person=alice).exists()


def test_harmed_journal_is_told_to_whoever_is_refused(alice, client_for, settings):
    fence._call("SELECT consent_raise_fence()")
    settings.ERASURE_JOURNAL = "/proc/no/journal"
    answer = client_for(alice).get("/me/score/")
    assert (answer.status_code, "journal cannot be read now" in answer.content.decode()) == (503, True)


def test_who_withdrew_since_the_backup_has_withdrawn_after_the_replay(alice, put_back):
    leave(alice, at=timezone.now())
    put_back()
    assert OpenGrant.objects.filter(person=alice).exists()
    with pytest.raises(ReadingStopped):
        read(alice)
    _lower()
    assert not OpenGrant.objects.filter(person=alice).exists()
    assert read(alice)


def test_who_was_erased_since_the_backup_is_erased_again(alice, put_back, run_sql):
    request_erasure(alice, by=alice, at=timezone.now())
    put_back()
    assert Person.objects.filter(pk=alice.pk).exists()
    _lower()
    assert not Person.objects.filter(pk=alice.pk).exists()
    assert Entry.objects.filter(event="consent.journal_replayed").exists()


def test_leaving_goes_on_while_the_journal_cannot_be_written(alice, settings, tmp_path):
    settings.ERASURE_JOURNAL = "/proc/no/such/journal"
    leave(alice, at=timezone.now())
    assert Unjournaled.objects.get().person == alice.pk
    settings.ERASURE_JOURNAL = str(tmp_path / "erasures.journal")
    assert (journal.catch_up(), Unjournaled.objects.count(), len(list(journal.lines()))) == (1, 0, 1)


def test_line_torn_by_a_crash_is_cut_off(alice, settings):
    leave(alice, at=timezone.now())
    with Path(settings.ERASURE_JOURNAL).open("ab") as file:
        file.write(b'{"act": "eras')
    journal.erased(alice.pk, at=timezone.now())
    assert [line.act for line in journal.lines()] == ["withdrawn", "erased"]


@pytest.mark.parametrize("harm", ["cut", "changed", "gone"])
def test_harmed_journal_keeps_the_fence_up(alice, settings, tmp_path, harm):
    leave(alice, at=timezone.now())
    journal.erased(alice.pk, at=timezone.now())
    whole = (tmp_path / "erasures.journal").read_bytes()
    harmed = {"cut": whole.splitlines(keepends=True)[0], "changed": whole.replace(b"withdrawn", b"withdrew!", 1)}
    if harm == "gone":
        (tmp_path / "erasures.journal").unlink()
    else:
        (tmp_path / "erasures.journal").write_bytes(harmed[harm])
    with pytest.raises(JournalBroken):
        _lower()


def test_journal_that_knows_more_raises_the_fence(alice, owner_connection):
    leave(alice, at=timezone.now())
    owner_connection.execute("UPDATE acme.consent_journalmark SET position = 0, digest = ''")
    fence.compare(at=timezone.now())
    assert Fence.objects.get().raised_at
    _lower()
    assert not fence.is_fenced()
