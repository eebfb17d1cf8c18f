"""Bringing in a file: who is counted, what takes the place of what, and what is left of everybody else."""

from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.domain import job_runs
from accounts.models import Job, RoleHeld
from accounts.states import Role
from consent.domain.choices import Wish, leave, take_part
from consent.domain.sources import retire_source
from consent.models import OpenGrant
from scoring.connectors import csv as csv_connector
from scoring.domain import imports, raw_files
from scoring.models import Import, StaleScore, WeekCount
from scoring.states import Kind
from tests.conftest import scoring_wording
from tests.everyones import engine_connection, everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

HEADER = "occurred_at,actor_email,kind,target_email\n"
WEEK = date(2026, 11, 9)  # the closed week before NOW's
OPTIONS = {
    "columns": {"occurred_at": "occurred_at", "actor": "actor_email", "kind": "kind", "target": "target_email"},
    "acts": {"answered": "answered", "reviewed": "reviewed", "cc": ""},
}


# Wrong so far down that only the worker finds it.
LATE_FAULT = HEADER.encode() + b"2026-11-10,a@x,answered,b@x\n" * 201_000 + b"2026-11-10,\xff,answered,b@x\n"


@pytest.fixture
def bob(bob, now):
    """Here he brings in files."""
    RoleHeld.objects.create(person=bob, role=Role.STEWARD, given_at=now)
    return bob


@pytest.fixture
def source(in_acme):
    return SourceFactory()


@pytest.fixture
def ada(source, now):
    person = PersonFactory(email="ada@acme.example")
    take_part(person, wish=Wish((scoring_wording().pk,), (source.pk,), 4, is_of_age=True), at=now - timedelta(hours=1))
    return person


@pytest.fixture
def bring_in(source, now, bob):
    """Take, map and read a CSV of these lines; returns the import."""

    def bring(*lines, options=OPTIONS, at=now):
        content = (HEADER + "\n".join(lines) + "\n").encode()
        taken = imports.take_file(source, chunks=[content], by=bob, at=at)
        job = imports.begin_reading(taken, options=options, by=bob, at=at)
        job_runs.run(job.pk, clock=lambda: at)
        return Import.objects.get(pk=taken.pk)

    return bring


def counts_of(person):
    rows = everyones(WeekCount).filter(person=person).order_by("kind", "week")
    return [(Kind(row.kind).name, row.week, row.colleagues) for row in rows]


def whole_week(*lines):
    """Make the file cover the week from Monday to Sunday, by a row of two strangers on either day."""
    return (
        "2026-11-09T01:00:00Z,x@out.example,answered,y@out.example",
        *lines,
        "2026-11-15T01:00:00Z,x@out.example,answered,y@out.example",
    )


def test_different_colleagues_are_counted_and_not_messages(ada, bring_in):
    bring_in(
        "2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example",
        "2026-11-10T10:00:00Z,ada@acme.example,answered,one@x.example",
        "2026-11-11T10:00:00Z,ada@acme.example,answered,two@x.example",
        "2026-11-12T10:00:00Z,three@x.example,answered,Ada@Acme.Example",
    )
    assert counts_of(ada) == [("ANSWERED", WEEK, 2), ("ANSWERED_BY", WEEK, 1)]


def test_receipt_adds_up_and_names_nobody(ada, bring_in):
    done = bring_in(
        "2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example",
        "2026-11-10T09:00:00Z,bob@acme.example,answered,one@x.example",
        "2026-11-10T09:00:00Z,ada@acme.example,cc,one@x.example",
        "2026-11-10T09:00:00Z,ada@acme.example,answered,ada@acme.example",
        "yesterday,ada@acme.example,answered,one@x.example",
        "2031-01-01,ada@acme.example,answered,one@x.example",
        "1970-01-01,ada@acme.example,answered,one@x.example",
        "2026-11-10T09:00:00Z,ada@acme.example",
    )
    numbers = (done.read, done.kept, done.not_granted, done.private, done.malformed, done.left_out)
    assert numbers == (8, 1, 1, 0, 4, 2)
    assert done.faults == [
        ["line 6", "The date is neither ISO 8601 (2026-11-18T12:00:00Z) nor Unix seconds."],
        ["line 7", "The date lies in the future."],
        ["line 8", "The date lies before the year 2000."],
        ["line 9", "The row has fewer columns than the header."],
    ]


def test_colleague_leaves_no_trace_in_any_table(ada, bring_in, owner_connection, django_db_blocker):
    bring_in(*whole_week("2026-11-10T09:00:00Z,ada@acme.example,answered,zelda.zimmer@outside.example"))
    with engine_connection().cursor() as cursor:
        cursor.execute("SET search_path = acme")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'acme'")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', ["%zelda%"])
            assert cursor.fetchone() == (0,), table


def test_raw_file_and_temporary_table_are_gone(ada, bring_in):
    done = bring_in("2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example")
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.seen')")
        assert cursor.fetchone() == (None,)
    assert not raw_files.path_of(done.pk).exists()


def test_same_file_twice_changes_nothing(ada, bring_in):
    lines = whole_week("2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example")
    bring_in(*lines)
    everyones(StaleScore).all().delete()
    again = bring_in(*lines)
    assert (again.counts_written, counts_of(ada), everyones(StaleScore).count()) == (0, [("ANSWERED", WEEK, 1)], 0)


def test_file_replaces_the_weeks_it_covers_wholly(ada, bring_in):
    bring_in(
        *whole_week(
            "2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example",
            "2026-11-10T09:00:00Z,ada@acme.example,answered,two@x.example",
            "2026-11-10T09:00:00Z,ada@acme.example,reviewed,two@x.example",
        )
    )
    done = bring_in(*whole_week("2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example"))
    assert (counts_of(ada), done.partial_weeks) == ([("ANSWERED", WEEK, 1)], [])


def test_week_covered_in_part_keeps_the_larger_count(ada, bring_in):
    bring_in(
        *whole_week(
            "2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example",
            "2026-11-10T09:00:00Z,ada@acme.example,answered,two@x.example",
        )
    )
    done = bring_in("2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example")
    assert (counts_of(ada), done.partial_weeks) == ([("ANSWERED", WEEK, 2)], [WEEK])


def test_weeks_before_the_grant_counts_are_not_granted(ada, bring_in):
    done = bring_in("2026-10-01T09:00:00Z,ada@acme.example,answered,one@x.example")
    assert (counts_of(ada), done.not_granted) == ([], 1)


def test_person_who_left_is_not_counted(ada, bring_in, now):
    leave(ada, at=now)
    done = bring_in("2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example")
    assert (counts_of(ada), done.kept) == ([], 0)


def test_person_who_granted_another_source_is_not_counted(bring_in, now):
    person = PersonFactory(email="eve@acme.example")
    wish = Wish((scoring_wording().pk,), (SourceFactory().pk,), is_of_age=True)
    take_part(person, wish=wish, at=now)
    done = bring_in("2026-11-18T09:00:00Z,eve@acme.example,answered,one@x.example")
    assert (counts_of(person), done.not_granted) == ([], 1)


def test_person_who_leaves_while_the_file_is_read_is_not_counted(ada, bring_in, now, monkeypatch):
    """After the door has let her in and before the counts are applied."""
    real = imports._apply

    def apply(*args, **kwargs):
        leave(ada, at=now)
        return real(*args, **kwargs)

    monkeypatch.setattr(imports, "_apply", apply)
    done = bring_in("2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example")
    assert (counts_of(ada), done.state, OpenGrant.objects.count()) == ([], "done", 0)


def test_day_follows_utc_and_zones_are_honoured(ada, bring_in):
    bring_in("2026-11-09T00:30:00+02:00,ada@acme.example,answered,one@x.example")
    assert counts_of(ada) == [("ANSWERED", date(2026, 11, 2), 1)]


def test_unix_seconds_are_understood(ada, bring_in):
    bring_in(
        "1762992000,ada@acme.example,answered,one@x.example", "1794475800.5,ada@acme.example,answered,one@x.example"
    )
    assert counts_of(ada) == [("ANSWERED", WEEK, 1)]


def test_refused_file_leaves_old_counts_and_says_why(ada, bring_in, source, bob, now):
    bring_in("2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example")
    taken = imports.take_file(source, chunks=[LATE_FAULT], by=bob, at=now)
    job = imports.begin_reading(taken, options=OPTIONS, by=bob, at=now)
    job_runs.run(job.pk, clock=lambda: now)
    job = Job.objects.get(pk=job.pk)
    assert job.state == "failed"
    assert "The file is not UTF-8" in job.message
    assert Import.objects.get(pk=taken.pk).state == "failed"
    assert counts_of(ada) == [("ANSWERED", WEEK, 1)]


def test_file_is_read_once(ada, bring_in, bob, now):
    done = bring_in("2026-11-10T09:00:00Z,ada@acme.example,answered,one@x.example")
    with pytest.raises(imports.AlreadyBegun):
        imports.begin_reading(done, options=OPTIONS, by=bob, at=now)


def test_retired_source_takes_no_file(source, bob, now):
    retire_source(source, by=bob, at=now)
    source.refresh_from_db()
    with pytest.raises(imports.SourceRetired):
        imports.take_file(source, chunks=[b"x"], by=bob, at=now)


def test_file_over_the_limit_is_refused_and_not_kept(source, bob, now, settings):
    settings.UPLOAD_MAX_BYTES = 10
    with pytest.raises(raw_files.FileTooLarge):
        imports.take_file(source, chunks=[b"12345", b"67890", b"1"], by=bob, at=now)
    assert not Import.objects.exists()
    assert raw_files.uploads_older_than(now + timedelta(days=36500)) == set()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (HEADER.encode(), "no rows"),
        (b"a,b,a,c\n1,2,3,4\n", "more than once: a"),
        (b"a,b\n1,2\n", "fewer than four"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode() + "2026-11-10,j\xfcrgen@x,answered,b\n".encode("latin-1"), "not UTF-8"),
    ],
)
def test_preview_of_a_bad_file_says_what_is_wrong(tmp_path, content, sentence):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(csv_connector.FileRefused, match=sentence):
        csv_connector.preview(path)


def test_preview_guesses_columns_and_kinds(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("\ufeffcommit;ts;kind;actor_email;target_email\n1;1787249724;reviewed-by;a@x;b@x\n2;1;cc;a@x;b@x\n")
    seen = csv_connector.preview(path)
    assert seen.columns == {"occurred_at": "ts", "actor": "actor_email", "kind": "kind", "target": "target_email"}
    assert seen.acts == {"reviewed-by": "reviewed", "cc": ""}
