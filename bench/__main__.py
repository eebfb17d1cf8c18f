"""Run all benches, or those named: `python -m bench imports scores`. BENCH_SCALE=0.1 makes everything smaller."""

import os
import platform
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from config.launch.addresses import readdressed
from config.launch.postgres import Server
from config.launch.roles import prepare

BENCHES = (
    "imports", "file_to_scores", "scores", "inbox", "gate", "withdrawal", "access_export", "erasure", "retention",
    "ledger", "ledger_search", "pages", "companies",
)  # fmt: skip
SERVER = {"shared_buffers": "1GB", "max_locks_per_transaction": "1024", "max_wal_size": "8GB"}


def main() -> None:
    chosen = sys.argv[1:] or BENCHES
    scale = float(os.environ.get("BENCH_SCALE", "1"))
    with bench_server():
        _show([row for name in chosen for row in _rows(name, scale)], scale)


@contextmanager
def bench_server() -> Iterator[None]:
    """A PostgreSQL of its own, with a fresh database, that this process is the app of."""
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
        Path(folder).chmod(0o711)
        server = Server(Path(folder), password=secrets.token_urlsafe(16), log=Path(folder) / "log", settings=SERVER)
        server.start()
        try:
            point_at(server, folder)
            yield
        finally:
            server.stop()


def point_at(server: Server, folder: str) -> None:
    """A database of its own, migrated by the owner; this process is the app."""
    urls = prepare(server.url, database="assent_bench", fresh=True)
    os.environ.update(
        PG_DUMP=server.programs.path("pg_dump"),
        BENCH_ADMIN_URL=readdressed(server.url, dbname="assent_bench"),
        DATABASE_URL=urls.app,
        DATABASE_OWNER_URL=urls.owner,
        SECRET_KEY=secrets.token_urlsafe(50),
        LEDGER_KEY=secrets.token_urlsafe(50),
        ASSENT_DATA_DIR=folder,
        DJANGO_SETTINGS_MODULE="bench.settings",
        DEMO="1",
        PUBLIC_URL="http://localhost:8000",
    )
    subprocess.run(
        [sys.executable, "manage.py", "migrate_companies"],
        check=True,
        env={**os.environ, "ASSENT_AS": "owner"},
        stdout=subprocess.DEVNULL,
    )
    import django  # noqa: PLC0415 - settings need the environment first

    django.setup()


def _rows(name: str, scale: float) -> list:
    return import_module(f"bench.{name}").rows(scale)


def _show(rows: list, scale: float) -> None:
    table = Table(title=f"{_machine()}, scale {scale:g}")
    for heading in ("What", "Ours", "Peer of the same run", "Ratio", "Aim"):
        table.add_column(heading, justify="right" if heading == "Ratio" else "left")
    for row in rows:
        table.add_row(row.what, row.ours, row.peer, "" if row.ratio is None else f"{row.ratio:.2f}", row.aim)
    Console(width=140).print(table)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{os.cpu_count()} cores {platform.machine()}, {memory:.0f} GiB, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
