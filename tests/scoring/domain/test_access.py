"""Article 8: a person recomputes their own score from their own file, offline, in a Python that knows nothing of us."""

import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.domain import jobs
from consent.domain import export_files
from consent.domain.access_exports import order_access_export, write_access_export
from scoring.domain.explaining import inputs_digest_of
from scoring.domain.runs import last_full_week, run_scores
from scoring.models import Exclusion, ModelVersion, Pause, Score, StaleScore, WeekCount
from scoring.states import RunScope
from tests.everyones import everyones
from tests.scoring.domain.test_runs import participant

weeks_ago = st.integers(0, 25)
stored = st.dictionaries(st.tuples(st.integers(0, 1), st.integers(1, 8), weeks_ago), st.integers(1, 400), max_size=25)
spans = st.lists(st.integers(0, 190), max_size=4, unique=True).map(sorted)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "exports"


def recompute(person, now) -> subprocess.CompletedProcess:
    export = order_access_export(person, by=person, at=now)
    write_access_export(jobs.lease(export.job.pk, at=now), clock=lambda: now)
    with tempfile.TemporaryDirectory() as folder:
        with ZipFile(export_files.path_of(export.pk)) as archive:
            archive.extractall(folder)
        program = Path(folder, "score", "recompute.py")
        return subprocess.run([sys.executable, "-I", program], capture_output=True, text=True, check=False, cwd="/")


def count(person, grant, now, *, kind=1, weeks=0, colleagues=9, is_excluded=False):
    key = {"person": person, "grant": grant, "kind": kind, "week": last_full_week(now) - timedelta(weeks=weeks)}
    everyones(WeekCount).create(**key, colleagues=colleagues)
    if is_excluded:
        everyones(Exclusion).create(**key, excluded_at=now)


def last_score(person) -> Score:
    return everyones(Score).filter(person=person).order_by("-run_id").first()


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored=stored, excluded=st.sets(st.integers(0, 24), max_size=4), pauses=spans)
def test_recomputed_score_is_the_very_same(in_acme, now, stored, excluded, pauses):
    person, grants = participant(now, sources=2)
    for place, ((source, kind, weeks), colleagues) in enumerate(sorted(stored.items())):
        count(person, grants[source], now, kind=kind, weeks=weeks, colleagues=colleagues, is_excluded=place in excluded)
    for begin, end in zip(pauses[::2], pauses[1::2], strict=False):
        day = now.date() - timedelta(days=190)
        everyones(Pause).create(
            person=person, started_on=day + timedelta(days=begin), ended_on=day + timedelta(days=end)
        )
    run_scores(by=None, at=now, scope=RunScope.FULL)

    run = recompute(person, now)

    score = last_score(person)
    assert (run.returncode, run.stderr) == (0, "")
    assert "to the last digit" in run.stdout
    if score.kinds:
        assert inputs_digest_of(score, ModelVersion.objects.get(is_current=True).digest) in run.stdout
    assert (f"{score.value // 100}.{score.value % 100:02}  in all" in run.stdout) == bool(score.kinds)


def test_counts_that_changed_since_are_told_from_a_fault(in_acme, now):
    person, (grant,) = participant(now)
    count(person, grant, now)
    run_scores(by=None, at=now)
    count(person, grant, now, kind=2)
    everyones(StaleScore).create(person=person, participation_id=last_score(person).participation_id)

    run = recompute(person, now)

    assert run.returncode == 1
    assert "changed since that score was worked out" in run.stdout


def test_score_that_does_not_follow_from_the_counts_is_called_out(in_acme, now):
    """Were the machine wrong, the person's own file would show it."""
    person, (grant,) = participant(now)
    count(person, grant, now)
    run_scores(by=None, at=now)
    everyones(WeekCount).filter(person=person).update(colleagues=8)

    run = recompute(person, now)

    assert run.returncode == 1
    assert "It should be the same" in run.stdout
