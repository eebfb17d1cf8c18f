"""What workers do for accounts."""

from datetime import datetime

from django.utils import timezone

from accounts.domain import companies, job_runs, jobs
from accounts.models import Job
from accounts.tenants.kicks import company_task


@company_task
def run_job(job_id: str) -> None:
    job_runs.run(job_id, clock=timezone.now)


def make_company(job: Job) -> str:
    return companies.make_company(job, at=timezone.now())


def kick_due_jobs(*, at: datetime) -> None:
    """Ask again for what waits and for what a worker has dropped. Called by the tick in each open company."""
    jobs.kick_due(at=at)
