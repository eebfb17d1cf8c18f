"""What workers do for scoring."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.domain import jobs
from accounts.models import Job, Person
from accounts.tenants.context import current_time_zone
from consent.domain.obligations import stands_still
from scoring.domain import imports, inboxes, previews, runs
from scoring.domain.live import is_on
from scoring.domain.model_numbers import Numbers
from scoring.models import Run
from scoring.states import RunScope

NIGHTLY_HOUR = 2


def run_scores(job: Job) -> str:
    """Work out scores; the job's end stands or falls with them."""
    by = Person.objects.filter(pk=job.started_by).first()
    scope, held = job.arguments.get("scope"), job.arguments.get("lets_through")
    why = {"lets_through": Run.objects.get(pk=held), "reason": job.arguments["reason"]} if held else {}
    jobs.progress(job, 0, None, "Working out scores", silent_for=timedelta(minutes=10))
    with transaction.atomic():
        run = runs.run_scores(by=by, at=timezone.now(), scope=RunScope(scope) if scope else None, **why)
        jobs.finish(job, at=timezone.now(), result_url=reverse("manage:run", args=[run.pk]))
    return job.result_url


def preview_model(job: Job) -> str:
    """Try a model on what is counted now."""
    by = Person.objects.filter(pk=job.started_by).first()
    jobs.progress(job, 0, None, "Working out both models", silent_for=timedelta(minutes=10))
    with transaction.atomic():
        previews.make_preview(Numbers.told(job.arguments), by=by, at=timezone.now())
        jobs.finish(job, at=timezone.now(), result_url=job.arguments["back"])
    return job.result_url


def read_file(job: Job) -> None:
    """Read an uploaded file; the importer ends the job itself, together with what it wrote."""
    imports.read_file(job, at=timezone.now())


def discard_unmapped_files(*, at: datetime) -> None:
    """Delete raw files that nobody mapped within a day, and those of jobs that ended without reading them."""
    imports.clear_raw_files(at=at)


def close_weeks(*, at: datetime) -> None:
    """Count the weeks of events that are over."""
    inboxes.close_weeks(at=at)


def nightly(*, at: datetime) -> None:
    """Once a night, from two o'clock in the company's own time, have scores worked out."""
    local = at.astimezone(current_time_zone())
    night = local.replace(hour=NIGHTLY_HOUR, minute=0, second=0, microsecond=0)
    tonight = night if local >= night else night - timedelta(days=1)
    if stands_still() or not is_on():
        return  # It goes on by itself once the deadline is met (Article 5), or scoring is on again.
    is_begun = Job.objects.filter(kind="run_scores", started_by=None, created_at__gte=tonight).exists()
    if not is_begun and not Run.objects.filter(started_at__gte=tonight).exists():
        jobs.start("run_scores", title="Nightly working out of scores", arguments={}, by=None, at=at)
