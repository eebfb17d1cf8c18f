"""Let everybody leave again who left since a restored backup, and lower the fence. Workers do it by themselves."""

from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import track

from accounts.domain import job_runs
from accounts.models import Job
from accounts.tenants.context import each_schema, in_public
from accounts.tenants.models import Company
from consent.domain import fence, journal


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        with in_public():
            schemas = list(Company.objects.active().order_by("pk").values_list("schema_name", flat=True))
        still_fenced = [s for s in each_schema(track(schemas, description="Companies")) if not _replayed()]
        if still_fenced:
            raise CommandError(f"Still fenced off: {', '.join(still_fenced)}. {_why(still_fenced[0])}")
        self.stdout.write(f"{len(schemas)} companies are read again.")


def _replayed() -> bool:
    at = timezone.now()
    fence.watch(at=at)
    for pk in Job.objects.filter(kind=fence.JOB_KIND, state="queued").values_list("pk", flat=True):
        job_runs.run(pk, clock=timezone.now)
    return not fence.is_fenced()


def _why(schema: str) -> str:
    for _ in each_schema([schema]):
        try:
            journal.refuse_lost()
            list(journal.lines())
        except journal.JournalBroken as broken:
            return str(broken)
        job = Job.objects.filter(kind=fence.JOB_KIND).order_by("-created_at").first()
    return job.message if job else ""
