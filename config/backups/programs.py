"""PostgreSQL's own programs: found beside pg_dump, run to their end, their complaints made into sentences."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from accounts.tenants.domain.backups import BackupRefused
from accounts.tenants.domain.blueprint import pg_dump_program
from config.launch.addresses import readdressed

WATCH = 0.2  # seconds
OURS_ALONE = 0o077


def run(name: str, *options: str, url: str, watch: Callable[[], None]) -> None:
    """Run one of them against the server at this address.

    :raises BackupRefused: with what it complained of
    """
    command = [_program(name), *options, "--dbname", readdressed(url, password="")]
    # Everybody on the machine can read arguments; the environment, only whoever runs it.
    environment = os.environ | {"PGPASSWORD": str(conninfo_to_dict(url).get("password") or "")}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, umask=OURS_ALONE
    ) as process:
        complaint = _watched(process, watch)
    if process.returncode:
        raise BackupRefused(f"{name} failed: {_reason(complaint) or f'it ended with {process.returncode}'}")


def _watched(process: subprocess.Popen[str], watch: Callable[[], None]) -> str:
    while True:
        watch()
        try:
            # Reads all the while: a full pipe would stop the program for ever.
            return process.communicate(timeout=WATCH)[1]
        except subprocess.TimeoutExpired:
            continue
        except BaseException:
            process.kill()
            raise


def _reason(complaint: str) -> str:
    """The line that says what went wrong. Those after it may quote rows."""
    lines = complaint.strip().splitlines()
    return next((line for line in lines if "error:" in line.lower()), lines[-1] if lines else "")


def _program(name: str) -> str:
    found = Path(pg_dump_program()).with_name(name)
    if not os.access(found, os.X_OK):
        raise BackupRefused(f"`{name}` was not found beside {pg_dump_program()}. Install the PostgreSQL client.")
    return str(found)
