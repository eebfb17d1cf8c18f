"""A throwaway server for tests: fast, forgetful, gone with the process that asked for it."""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from config.launch.addresses import environment_of
from config.launch.postgres import Server

FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_locks_per_transaction": "1024",
}

THROWN_AWAY_BY = "TEST_SERVER_THROWN_AWAY_BY"


def test_server() -> str:
    """Return the address of a server whose databases tests may make and drop: DATABASE_URL's, or one of our own."""
    given = os.environ.get("TEST_SERVER_URL") or os.environ.get("DATABASE_URL")
    return _throwaway() if not given or _is_another_worker_s() else given


def _is_another_worker_s() -> bool:
    """Some tests kill the server, so tests that run beside each other share none."""
    return os.environ.get(THROWN_AWAY_BY, _worker()) != _worker()


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "")


def _throwaway() -> str:
    folder = Path(tempfile.mkdtemp(prefix="assent-server-"))
    folder.chmod(0o711)  # root's server runs as another account, which must get through to its own folder
    server = Server(folder, password=secrets.token_urlsafe(16), log=folder / "log", settings=FORGETFUL)
    atexit.register(_discard, server, folder, os.getpid())
    server.start()
    # Processes that tests start share this server.
    os.environ.update({**environment_of(server.url), THROWN_AWAY_BY: _worker()})
    os.environ.update(TEST_SERVER_URL=server.url, PG_DUMP=server.programs.path("pg_dump"))
    return server.url


def _discard(server: Server, folder: Path, maker: int) -> None:
    if os.getpid() == maker:  # a forked child inherits the wish to tidy, not the right
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
