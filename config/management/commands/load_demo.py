"""Fill the demo: the platform, two companies, their people, a half year of counts, and scores. Does nothing twice."""

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from config.demo.cast import COMPANIES
from config.demo.loading import load_company, load_platform


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        if not settings.DEMO:
            raise CommandError("Only a demo is filled with a made-up cast. Set DEMO=1 where that is what you want.")
        at = timezone.now()
        load_platform(at=at)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, transient=True) as bars:
            tasks = {}

            def show(what: str, done: int, total: int | None) -> None:
                if what not in tasks:
                    tasks[what] = bars.add_task(what)
                bars.update(tasks[what], completed=done, total=total)

            for schema in COMPANIES:
                load_company(schema, at=at, progress=show)
        self.stdout.write("The demo is filled.")
