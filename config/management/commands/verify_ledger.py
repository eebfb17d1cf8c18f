"""Read the ledgers of all companies, or of those named, against what was sealed. Ends with 1 when one differs."""

from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import Progress

from accounts.tenants.context import each_schema, in_public
from accounts.tenants.models import Company
from consent.audit.domain.verification import verify


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("company", nargs="*", help="the short name of a company; none means all")

    def handle(self, *args, company, **options):
        differ = [schema for schema in each_schema(_named(company)) if not self.verify(schema)]
        if differ:
            raise CommandError(f"The ledger of {', '.join(differ)} is not what was sealed.")

    def verify(self, schema: str) -> bool:
        with Progress(transient=True) as bar:
            task = bar.add_task(schema)
            verification = verify(at=timezone.now(), progress=lambda done, total: _show(bar, task, done, total))
        self.stdout.write(f"{schema}: {verification.finding or f'{verification.size:,} entries verified.'}")
        return verification.is_sound


def _show(bar: Progress, task, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)


def _named(names: list[str]) -> list[str]:
    with in_public():
        known = list(Company.objects.order_by("pk").values_list("schema_name", flat=True))
    if unknown := sorted(set(names) - set(known)):
        raise CommandError(f"There is no company {unknown[0]}. There are: {', '.join(known)}.")
    return names or known
