"""Begin a new journal of those who left, when the old one is lost for good. Everything that the database itself knows
of people leaving is written into it. Who left after a restored backup nobody can know: only say that nobody did.
"""

from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import track

from accounts.tenants.context import each_schema, in_public
from accounts.tenants.models import Company
from consent.domain import fence, journal, journal_file
from consent.domain.journal_file import JournalBroken


class Command(BaseCommand):
    help = " ".join((__doc__ or "").split())

    def add_arguments(self, parser):
        parser.add_argument("--nobody-left-since", action="store_true", help="although the database was restored")

    def handle(self, *args, **options):
        schemas = self._schemas()
        if not any(_is_harmed() for _ in each_schema(schemas)):
            raise CommandError("The journal is there and is the right one. Nothing was changed.")
        fenced = [schema for schema in each_schema(schemas) if fence.is_fenced()]
        if fenced and not options["nobody_left_since"]:
            raise CommandError(
                f"{', '.join(fenced)}: this database was restored, so it may have forgotten people who left. Look for"
                " the journal once more. Only if you know that nobody left since: add --nobody-left-since."
            )
        aside = journal_file.set_aside(at=timezone.now())
        written = sum(journal.write_anew() for _ in each_schema(track(schemas, description="Companies")))
        self.stdout.write(
            f"{journal_file.path()} has {written} lines. " + (f"The old one is {aside}." if aside else "")
        )

    def _schemas(self) -> list[str]:
        with in_public():
            return list(Company.objects.order_by("pk").values_list("schema_name", flat=True))


def _is_harmed() -> bool:
    try:
        journal.refuse_broken()
    except JournalBroken:
        return True
    return False
