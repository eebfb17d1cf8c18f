"""Let everybody leave again who left since a restored backup, and lower the fence. Workers do it by themselves."""

from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import track

from accounts.domain import job_runs
from accounts.models import Job
from accounts.tenants.context import each_schema, in_public
from accounts.tenants.models import Company
from consent.domain import fence, replay


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        with in_public():
            schemas = list(Company.objects.active().order_by("pk").values_list("schema_name", flat=True))
        still_fenced, why = [], ""
        for schema in each_schema(track(schemas, description="Companies")):
            if not _replayed():
                still_fenced.append(schema)
                why = why or _why()
        if still_fenced:
            raise CommandError(f"Still fenced off: {', '.join(still_fenced)}. {why}")
        self.stdout.write(f"{len(schemas)} companies are read again.")


def _replayed() -> bool:
    fence.compare()
    if fence.is_fenced():
        replay.order(at=timezone.now())
        for pk in Job.objects.filter(kind=replay.JOB_KIND, state="queued").values_list("pk", flat=True):
            job_runs.run(pk, clock=timezone.now)
    return not fence.is_fenced()


def _why() -> str:
    job = Job.objects.filter(kind=replay.JOB_KIND).order_by("-created_at").first()
    return fence.trouble() or (job.message if job else "")
