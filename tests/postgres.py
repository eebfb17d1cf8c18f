"""A real PostgreSQL for the tests, found or started before Django's settings are read.

Loaded by `-p tests.postgres` (pyproject.toml): settings need the addresses at import.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from config.launch.roles import prepare
from config.launch.testing import test_server

SERVER_URL = test_server()
# The first line of every test's journal of those who left: companies that outlive a test know it.
JOURNAL = b'{"act":"begun","mark":"tests","previous":"","schema":""}\n'
SUFFIX = os.environ.get("ASSENT_TEST_SUFFIX", "") + os.environ.get("PYTEST_XDIST_WORKER", "")
DATABASE = "assent_test" + SUFFIX


def point_at_test_database() -> None:
    """Make owner, app and database, and point this process and its children at them."""
    urls = prepare(SERVER_URL, database=DATABASE, fresh=True)
    os.environ.update(
        DATABASE_URL=urls.app,
        DATABASE_OWNER_URL=urls.owner,
        SECRET_KEY="tests-only-" + "x" * 40,
        LEDGER_KEY="tests-only-" + "y" * 40,
        DEMO="1",
        DEBUG="0",
        PUBLIC_URL="http://localhost:8000",
        ASSENT_DATA_DIR=tempfile.mkdtemp(prefix="assent-tests-"),
    )
    os.environ.pop("ASSENT_AS", None)
    (Path(os.environ["ASSENT_DATA_DIR"]) / "erasures.journal").write_bytes(JOURNAL)


def migrate() -> None:
    """Run the real migration command as the owner, in a process of its own."""
    subprocess.run(
        [sys.executable, "manage.py", "migrate_companies"],
        check=True,
        env={**os.environ, "ASSENT_AS": "owner"},
        stdout=subprocess.DEVNULL,
    )


point_at_test_database()
