"""What workers do for accounts."""

from django.utils import timezone

from accounts.domain import companies, job_runs
from accounts.models import Job
from accounts.tenants.context import current_schema
from accounts.tenants.kicks import company_task


@company_task
def run_job(job_id: str) -> None:
    """Do one job, unless the company is suspended: then it waits until the company is open again."""
    if companies.is_open(current_schema()):
        job_runs.run(job_id, clock=timezone.now)


def make_company(job: Job) -> str:
    return companies.make_company(job, at=timezone.now())
