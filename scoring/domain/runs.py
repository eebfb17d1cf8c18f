"""Working out scores: one statement over counts and model rows, in one transaction."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from consent.audit.domain import Actor, record
from consent.domain.choices import monday_of
from scoring import events
from scoring.models import ModelVersion, Run, Score, StaleScore
from scoring.states import RunScope

STATEMENT = (Path(__file__).resolve().parent.parent / "sql" / "run.sql").read_text(encoding="utf-8")
ONE_RUN_AT_A_TIME = 0x72756E  # advisory lock; each company has its own through its schema's oid


@transaction.atomic
def run_scores(*, by: Actor | None, at: datetime, scope: RunScope | None = None) -> Run:
    """Insert the scores of one run, as of the last full week, with the model in effect.

    The week that is still going on does not count yet: half a week beside full ones would look like a fall. Ages move
    by whole weeks, so until the next Monday only people whose counts, pauses or exclusions changed are scored
    again. The first run of a week or of a model is for everyone.

    :param scope: None decides by itself
    """
    _one_at_a_time()
    model, week = ModelVersion.objects.get(is_current=True), last_full_week(at)
    scope = scope or _scope_needed(model, week)
    people = _take_stale(everyone=scope is RunScope.FULL)
    run = Run.objects.create(
        model=model, scope=scope, week=week, started_at=at, started_by=by.id if by else None, finished_at=at, people=0
    )
    _insert_scores(run, people)
    run.people = Score.objects.filter(run=run).exclude(kinds=[]).count()
    run.save(update_fields=["people"])
    record(events.RunFinished(run.pk, scope.value, model.number, week.isoformat()), by=by, at=at)
    return run


def last_full_week(at: datetime) -> date:
    """The Monday of the last week that is over."""
    return monday_of(at) - timedelta(weeks=1)


def _scope_needed(model: ModelVersion, week: date) -> RunScope:
    everyone_done = Run.objects.filter(model=model, week=week, scope=RunScope.FULL).exists()
    return RunScope.CHANGED if everyone_done else RunScope.FULL


def _take_stale(*, everyone: bool) -> list[UUID] | None:
    """Take the marks of those who are scored now; None stands for everyone."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {StaleScore._meta.db_table} RETURNING person_id")  # noqa: S608, SLF001
        stale = [person for (person,) in cursor.fetchall()]
    return None if everyone else stale


def _insert_scores(run: Run, people: list[UUID] | None) -> None:
    values: dict[str, Any] = {
        "run": run.pk,
        "week": run.week,
        "model": run.model_id,
        "decay": run.model.decay,
        "weights": run.model.decay[::7],
        "people": people,
    }
    with connection.cursor() as cursor:
        # Enough to group half a million (person, kind) pairs without spilling to disk.
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
        cursor.execute(STATEMENT, values)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, current_schema()::regnamespace::oid::int)", [ONE_RUN_AT_A_TIME]
        )
