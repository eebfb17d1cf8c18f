"""What a checkout keeps under `.assent/`, and the database that its commands work on."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config.launch.addresses import environment_of
from config.launch.keyring import Keyring
from config.launch.postgres import Server
from config.launch.programs import client_program
from config.launch.roles import Urls, prepare, urls_of

ROOT = Path(__file__).resolve().parent.parent.parent
OWNERS_OWN = ("DATABASE_OWNER_URL", "ASSENT_AS")


@dataclass(frozen=True)
class Database:
    """Where the two logins reach the data, and the embedded server if it is ours."""

    urls: Urls
    server: Server | None

    def client(self, name: str) -> str:
        """Return the program that suits the server: its own, or one that is new enough."""
        if self.server:
            return self.server.programs.path(name)
        with psycopg.connect(self.urls.app) as app:
            return client_program(name, server_major=app.info.server_version // 10000)


class Installation:
    """One data directory: server, passwords, logs, uploads, mail."""

    def __init__(self, folder: Path | None = None):
        self.folder = (folder or Path(os.environ.get("ASSENT_DATA_DIR") or ROOT / ".assent")).absolute()
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)  # the server's account passes, nobody looks in
        self.keyring = Keyring(self.folder / "secrets.json")
        self.logs = self.folder / "logs"
        self.database_name = os.environ.get("DATABASE_NAME", "assent")

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def external_url(self) -> str | None:
        """A PostgreSQL of one's own: a login that may make roles and databases."""
        return os.environ.get("DATABASE_URL")

    def embedded_server(self) -> Server:
        return Server(self.folder, password=self.keyring.get("postgres"), log=self.logs / "postgres.log")

    @contextmanager
    def database(self, *, fresh: bool = False) -> Iterator[Database]:
        """Start the server if it is ours, make logins and database, and stop the server at the end."""
        if self.external_url:
            yield Database(self._prepare(self.external_url, fresh=fresh), None)
            return
        server = self.embedded_server()
        try:
            server.start()
            yield Database(self._prepare(server.url, fresh=fresh), server)
        finally:
            server.stop()

    def _prepare(self, url: str, *, fresh: bool) -> Urls:
        return prepare(url, database=self.database_name, fresh=fresh, keyring=self.keyring)

    def running_database(self) -> Database:
        """The database that another command has started."""
        server = None if self.external_url else self.embedded_server()
        url = self.external_url or server.url
        return Database(urls_of(url, database=self.database_name, keyring=self.keyring), server)

    def forget(self) -> None:
        """Delete all that was kept here, but the file by which we hold it, and what belongs to a server not in use."""
        kept = {self.lock, *([self.keyring.path, self.folder / "postgres"] if self.external_url else [])}
        for path in set(self.folder.iterdir()) - kept:
            if path.is_dir():
                shutil.rmtree(path.resolve())
            if path.is_symlink() or path.is_file():
                path.unlink()
        if not self.keyring.path.exists():
            self.keyring.forget()

    def environment(self, database: Database) -> dict[str, str]:
        """What web and worker are told. The owner's address is not among it."""
        ours = {key: value for key, value in os.environ.items() if key not in OWNERS_OWN}
        told = {
            "DATABASE_URL": database.urls.app,
            "PG_DUMP": database.client("pg_dump"),
            "SECRET_KEY": self.keyring.get("secret_key"),
            "LEDGER_KEY": self.keyring.get("ledger_key"),
            "ASSENT_DATA_DIR": str(self.folder),
            "PYTHONUNBUFFERED": "1",
        }
        return ours | environment_of(database.urls.app) | told
