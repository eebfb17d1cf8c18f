"""An installation of its own, driven by its commands as an operator would."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

SCRIPTS = Path(__file__).parent
OPEN = "SELECT gate_open('own_view', NULL, '{}', 'by hand', %s, now())"


class Manage:
    def __init__(self, environment, address):
        self.environment = environment
        self.address = address

    def __call__(self, *arguments, succeeds=True, **more):
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, env=self.environment | more, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert (done.returncode == 0) is succeeds, said
        assert "Traceback" not in said
        return said

    def script(self, name):
        return self("shell", "-c", (SCRIPTS / f"{name}.py").read_text())

    def begin(self, name):
        """Start a script, and do not wait for it."""
        command = [sys.executable, "manage.py", "shell", "-c", (SCRIPTS / f"{name}.py").read_text()]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL)

    def backup(self):
        said = self("backup")
        return next(line for line in said.splitlines() if line.endswith(".dump"))

    @property
    def data(self):
        return Path(self.environment["ASSENT_DATA_DIR"])

    @property
    def backups(self):
        return self.data / "backups"

    @property
    def journal(self):
        return self.data / "erasures.journal"

    def people(self):
        return sorted(name for (name,) in self.ask("SELECT name FROM acme.accounts_person"))

    def open_grants(self):
        return self.ask("SELECT count(*) FROM acme.consent_opengrant")[0][0]

    def databases(self):
        return sorted(name for (name,) in self.ask("SELECT datname FROM pg_database WHERE datname ~ '^assent'"))

    def ask(self, statement):
        with psycopg.connect(self.address, autocommit=True) as here:
            found = here.execute(statement)
            return found.fetchall() if found.description else []

    def open_gate_by_hand(self):
        """Ask PostgreSQL itself, in the company's own role, with none of our code in between."""
        with psycopg.connect(self.address) as reader, psycopg.connect(self.address) as receipts:
            for connection in (reader, receipts):
                connection.execute("SET ROLE assent__acme; SET search_path = acme")
            (xid,) = reader.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
            receipts.execute(OPEN, [xid])


def environment_of(server, urls, folder):
    return os.environ | {
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": urls.owner,
        "DATABASE_ADMIN_URL": server.url,
        "ASSENT_DATA_DIR": str(folder / "data"),
        "PG_DUMP": server.programs.path("pg_dump"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
