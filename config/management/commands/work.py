"""Start the worker: its processes stay in this process group, so that a supervisor can end them together."""

from django.core.management import BaseCommand, call_command
from django.db import connection, transaction
from django_q.models import Schedule

from config.startup import refuse_unfit_surroundings

TICK = "config.tick.tick"
ONE_AT_A_TIME = 0x415353455449434B  # advisory lock: two workers that start at once make one schedule


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        refuse_unfit_surroundings()
        keep_one_tick()
        connection.close()  # the worker's processes are forks, and may not share this connection
        call_command("qcluster")


@transaction.atomic
def keep_one_tick() -> None:
    """Have exactly one schedule, the tick's: what users plan is never a schedule here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    tick = Schedule.objects.filter(func=TICK).order_by("pk").first() or Schedule.objects.create(
        name="tick", func=TICK, schedule_type=Schedule.MINUTES, minutes=1
    )
    Schedule.objects.exclude(pk=tick.pk).delete()
