"""Working out scores: one engine function over counts and model rows, in one transaction."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.errors import refused_as
from accounts.models import Person
from consent.audit.domain.recording import record
from consent.domain.choices import monday_of
from consent.domain.data_uses import data_use
from consent.domain.obligations import unless_overdue
from consent.models import OpenGrant
from consent.states import PurposeKey
from scoring import events
from scoring.domain.drift import hold_back
from scoring.domain.live import OFF
from scoring.models import ModelVersion, Run
from scoring.states import RunScope

ONE_RUN_AT_A_TIME = 0x72756E  # advisory lock; each company has its own through its schema's oid


def run_scores(
    *, by: Person | None, at: datetime, scope: RunScope | None = None, lets_through: Run | None = None, reason: str = ""
) -> Run:
    """Insert the scores of one run, as of the last full week, with the model in effect.

    The week that is still going on does not count yet: half a week beside full ones would look like a fall. Ages move
    by whole weeks, so until the next Monday only people whose counts, pauses or exclusions changed are scored
    again. The first run of a week or of a model is for everyone.

    What lies too far from the scores before it is held back by PostgreSQL, and the stewards are asked (ADR 32).

    :param scope: None decides by itself
    :param lets_through: the run that was held back, and is to be published whatever it moves, for this reason
    :raises ScoringIsOff: the company has not gone live, or somebody switched it off
    :raises DeadlineMissed: an erasure or the review of a hold is overdue, so nothing is scored
    """
    with refused_as(OFF), unless_overdue():
        return _run_scores(by=by, at=at, scope=scope, lets_through=lets_through, reason=reason)


def _run_scores(*, by: Person | None, at: datetime, scope: RunScope | None, **why: Any) -> Run:
    _one_at_a_time()
    model, week = ModelVersion.objects.get(is_current=True), last_full_week(at)
    scope = scope or _scope_needed(model, week)
    people = None if scope is RunScope.FULL else _stale_people()
    who = by.id if by else None
    run = Run.objects.create(
        model=model, scope=scope, week=week, started_at=at, started_by=who, finished_at=at, people=0, **why
    )
    with data_use(PurposeKey.SCORING, by=by, about=people, reason="Working out scores", at=at):
        run.people = _call("SELECT scoring_run(%s, %s, %s, %s)", run.pk, week, model.pk, people)
    run.save(update_fields=["people"])
    run.refresh_from_db(fields=["is_held", "beyond", "drift"])
    if run.is_held:
        hold_back(run, by=by, at=at)
        return run
    if scope is RunScope.FULL:
        _publish_team_figures(run, by=by, at=at)
    record(events.RunFinished(run.pk, scope.value, model.number, week.isoformat()), by=by, at=at)
    return run


def last_full_week(at: datetime) -> date:
    """The Monday of the last week that is over."""
    return monday_of(at) - timedelta(weeks=1)


def _scope_needed(model: ModelVersion, week: date) -> RunScope:
    everyone_done = Run.objects.filter(model=model, week=week, scope=RunScope.FULL, is_held=False).exists()
    return RunScope.CHANGED if everyone_done else RunScope.FULL


def _publish_team_figures(run: Run, *, by: Person | None, at: datetime) -> None:
    granted = OpenGrant.objects.filter(purpose=PurposeKey.TEAM_FIGURES, person__team_member__isnull=False)
    people = list(granted.values_list("person_id", flat=True).distinct())
    if people:
        with data_use(PurposeKey.TEAM_FIGURES, by=by, about=people, reason="Working out team figures", at=at):
            _call("SELECT scoring_publish_team_figures(%s, %s)", run.pk, at)


def _stale_people() -> list[UUID]:
    people: list[UUID] = _call("SELECT scoring_stale_people()")
    return people


def _one_at_a_time() -> None:
    _call("SELECT pg_advisory_xact_lock(%s, current_schema()::regnamespace::oid::int)", ONE_RUN_AT_A_TIME)


def _call(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]
