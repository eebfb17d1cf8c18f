"""Making a company, at 10 and at 300 companies, against plain migrations of one schema."""

import os
import subprocess
import sys
import time
from statistics import median

from django.db import transaction
from django.utils import timezone
from rich.progress import track

from accounts.tenants.domain.provisioning import provision
from bench.table import Row

PLAIN_MIGRATION = """
import time, django; django.setup()
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute('CREATE SCHEMA bench_migrated')
connection.set_schema('bench_migrated')
start = time.perf_counter()
call_command(migrate.Command(), verbosity=0, interactive=False)
print(time.perf_counter() - start)
"""


def rows(scale: float) -> list[Row]:
    plain = _plain_migration()
    seconds = [_make(number) for number in track(range(int(300 * scale)), description="Making companies")]
    at_10, at_300 = median(seconds[5:15]), median(seconds[-20:])
    return [
        Row(
            "Creating a company, at 10",
            f"{at_10:.3f} s",
            f"{plain:.2f} s plain migrations",
            at_10 / plain,
            "under 0.5 s",
        ),
        Row(
            "Creating a company, at 300",
            f"{at_300:.3f} s",
            f"{plain:.2f} s plain migrations",
            at_300 / plain,
            "under 0.5 s",
        ),
    ]


def _make(number: int) -> float:
    start = time.perf_counter()
    name = f"bench{number:03}"
    with transaction.atomic():
        provision(name=name, schema=name, host=f"{name}.bench.localhost", time_zone="UTC", at=timezone.now())
    return time.perf_counter() - start


def _plain_migration() -> float:
    done = subprocess.run(
        [sys.executable, "-c", PLAIN_MIGRATION],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "ASSENT_AS": "owner"},
    )
    return float(done.stdout.split()[-1])
