"""Nobody else's rows change when somebody is erased, and what goes on at the same time brings nothing back."""

import hashlib

import pytest
from django.db import IntegrityError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.domain import job_runs
from accounts.states import Role
from consent.domain.choices import Wish, take_part
from consent.domain.data_map import data_map
from consent.domain.erasing import request_erasure
from consent.domain.sources import make_source
from consent.models import Erasure, OpenGrant
from consent.states import SourceKind
from scoring.domain.imports import begin_reading, take_file
from scoring.domain.runs import run_scores
from scoring.models import Import, Score, WeekCount
from tests.conftest import scoring_wording
from tests.everyones import engine_connection, everyones
from tests.factories.accounts import PersonFactory

TABLES = sorted(kind.table for kind in data_map() if kind.about and kind.on_erasure != "keep")
# Numbers on rows of the machine, which say nothing about anybody.
MOVING = {"accounts_job"}


def rows_but_of(person) -> dict[str, set[str]]:
    """Every row of every table that is not about this person, as text."""
    rows = {}
    with engine_connection().cursor() as cursor:
        cursor.execute('SET search_path = "acme"')
        for table in set(TABLES) - MOVING:
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows[table] = {
                hashlib.sha256(row.encode()).hexdigest() for (row,) in cursor.fetchall() if str(person.pk) not in row
            }
    return rows


def taking_part(source, weeks, now):
    person = PersonFactory(can_sign_in=True)
    take_part(person, wish=Wish((scoring_wording().pk,), (source.pk,), is_of_age=True), at=now)
    grant = OpenGrant.objects.get(person=person)
    for number, week in enumerate(sorted(weeks)):
        everyones(WeekCount).create(person=person, grant=grant, kind=1 + number % 4, week=week, colleagues=number + 1)
    return person


MONDAYS = st.sets(st.sampled_from(["2026-11-02", "2026-11-09", "2026-11-16"]), max_size=3)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mine=MONDAYS, theirs=st.lists(MONDAYS, min_size=1, max_size=3))
def test_nobody_elses_rows_change(slack, now, run_eraser, mine, theirs):
    leaver, others = taking_part(slack, mine, now), [taking_part(slack, weeks, now) for weeks in theirs]
    before = rows_but_of(leaver)
    request_erasure(leaver, by=leaver, at=timezone.now())
    run_eraser()
    assert Erasure.objects.get(person=leaver.pk).state == "erased"
    assert {table: rows - rows_but_of(leaver)[table] for table, rows in before.items()} == {t: set() for t in before}
    assert everyones(WeekCount).filter(person__in=others).count() == sum(map(len, theirs))


CSV = "occurred_at,actor,kind,target\n" + "".join(
    f"2026-11-{day}T10:00:00Z,alice@acme.example,answered,bob{day}@acme.example\n" for day in range(16, 19)
)
OPTIONS = {
    "columns": {"occurred_at": "occurred_at", "actor": "actor", "kind": "kind", "target": "target"},
    "acts": {"answered": "answered"},
}


@pytest.fixture
def old_export(in_acme, now):
    """A file from when she still took part, for a source that reads such files."""
    source = make_source(name="Old export", kind=SourceKind.CSV, description="x", by=PersonFactory(), at=now)
    steward = PersonFactory(roles=[Role.STEWARD])
    taken = take_file(source, by=steward, at=now, chunks=[CSV.encode()], addresses=[])
    return source, lambda: begin_reading(taken, options=OPTIONS, by=steward, at=now)


def test_old_export_brings_nothing_back(ada, ask, run_eraser, old_export, now):
    """The door knows nobody by this address: its rows are dropped, counted, and stored nowhere."""
    source, read = old_export
    taking_part(source, set(), now)
    ask(ada)
    job = read()
    job_runs.run(job.pk, clock=timezone.now)
    run_eraser()
    receipt = Import.objects.get()
    assert (receipt.state, receipt.read, receipt.kept) == ("done", 3, 0)
    assert everyones(WeekCount).count() == 0
    assert Erasure.objects.get().state == "erased"


def test_counts_that_an_import_would_write_meanwhile_are_refused(ada, ask):
    grant = OpenGrant.objects.get(person=ada)
    ask(ada)
    with pytest.raises(IntegrityError, match="week_count_under_open_grant"):
        everyones(WeekCount).create(person=ada, grant=grant, kind=2, week="2026-11-09", colleagues=1)


def test_scoring_run_at_the_same_time_writes_nothing_of_them(ada, slack, ask, run_eraser, now):
    other = taking_part(slack, {"2026-11-16"}, now)
    ask(ada)
    run_scores(by=None, at=timezone.now())
    run_eraser()
    assert set(everyones(Score).values_list("person_id", flat=True)) <= {other.pk}
    assert Erasure.objects.get().state == "erased"
