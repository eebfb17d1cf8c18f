"""`make sql TENANT=acme`: psql as the app login inside one company, to try the constitution by hand."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import psycopg
from psycopg.conninfo import conninfo_to_dict

from accounts.tenants.roles import tenant_role
from config.launch.addresses import readdressed
from config.launch.demo import EXPECTED
from config.launch.holding import Held, hold
from config.launch.installation import Database, Installation

WELCOME = r"You are the app, inside {}. Try \dt, SELECT * FROM accounts_person, or another company’s tables. \q leaves."


def main(tenant: str | None) -> int:
    """Open psql in the terminal and return its exit status."""
    try:
        with ExitStack() as stack:
            installation = Installation()
            database = _database(installation, stack)
            companies = _companies(database.urls.app)
            if tenant not in companies:
                print(f"Name a company: make sql TENANT={' | '.join(companies) or '… (`make demo` makes some)'}")
                return 1
            return _open(database, tenant, installation.database_name)
    except EXPECTED as error:
        print(error, file=sys.stderr)
        return 1


def _database(installation: Installation, stack: ExitStack) -> Database:
    """The running one, or one that runs for us alone."""
    try:
        stack.enter_context(hold(installation.lock, "make sql"))
    except Held:
        return installation.running_database()
    return stack.enter_context(installation.database())


def _companies(address: str) -> list[str]:
    try:
        with psycopg.connect(address) as app:
            return [name for (name,) in app.execute("SELECT schema_name FROM public.tenants_company ORDER BY 1")]
    except psycopg.errors.UndefinedTable:
        return []


def _open(database: Database, tenant: str, name: str) -> int:
    print(WELCOME.format(tenant))
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C ends a query of psql, not psql and its server
    address = conninfo_to_dict(database.urls.app)
    environment = os.environ | {
        "PGPASSWORD": address["password"],  # not among the arguments, which everybody can read
        "PGOPTIONS": f"-c role={tenant_role(name, tenant)} -c search_path={tenant}",
    }
    return subprocess.run(
        [database.client("psql"), readdressed(database.urls.app, password="")], check=False, env=environment
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
