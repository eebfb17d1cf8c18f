"""`make demo`: the whole of Assent on this machine, with two companies to play with, until Ctrl-C."""

import sys
from contextlib import ExitStack

import psycopg

from config.launch.account import server_account
from config.launch.box import show_box
from config.launch.cluster import ServerFailed
from config.launch.holding import Held, hold
from config.launch.installation import Database, Installation
from config.launch.places import FolderNotOurs
from config.launch.port import NoPort, choose_port
from config.launch.programs import NoPrograms
from config.launch.roles import CannotPrepare
from config.launch.watch import StepFailed, Watch, deafen, interruptible, manage, say, sealer, web, worker

EXPECTED = (Held, NoPort, NoPrograms, FolderNotOurs, ServerFailed, CannotPrepare, StepFailed, psycopg.OperationalError)


def main(*, fresh: bool) -> int:
    """Run until asked to stop. What can go wrong is said in a sentence, not in a traceback."""
    try:
        with interruptible():
            _run(Installation(), fresh=fresh)
    except KeyboardInterrupt:
        print("\nStopped. The data is kept; `make demo` goes on with it.")
        return 0
    except EXPECTED as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _run(installation: Installation, *, fresh: bool) -> None:
    with ExitStack() as stack:
        try:
            stack.enter_context(hold(installation.lock, "make demo"))
        except Held as error:
            raise Held(f"Assent runs already: {error}. Stop it there with Ctrl-C.") from None
        port = choose_port()
        if fresh:
            installation.forget()
        say("Starting PostgreSQL …" if installation.external_url is None else "Using the PostgreSQL of DATABASE_URL.")
        database = stack.enter_context(installation.database(fresh=fresh))
        watch = Watch(database)
        stack.callback(watch.stop)
        stack.callback(deafen)
        _serve(installation, database, watch, port)


def _serve(installation: Installation, database: Database, watch: Watch, port: int) -> None:
    environment = installation.environment(database) | {
        "DEMO": "1",
        "PUBLIC_URL": f"http://localhost:{port}",
    }
    owner = environment | {"ASSENT_AS": "owner", "DATABASE_OWNER_URL": database.urls.owner}
    say("Bringing the schemas up to date …")
    watch.run_step(manage("migrate_companies"), owner)
    say("Filling the demo …")
    watch.run_step(manage("load_demo"), environment)
    web_process = web(port=port, environment=environment, folder=installation.folder)
    worker_process = worker(environment=environment, folder=installation.folder)
    watch.keep(web_process, worker_process, sealer(environment=environment, folder=installation.folder))
    watch.until_web_answers(web_process, port)
    show_box(port=port, server=_described(database), folder=installation.folder)
    watch.forever(worker_process)


def _described(database: Database) -> str:
    if database.server is None:
        return "PostgreSQL of DATABASE_URL"
    account = server_account()
    return f"PostgreSQL of {database.server.programs.origin}" + ("" if account.is_ours else f", as user {account.name}")


if __name__ == "__main__":
    sys.exit(main(fresh="--fresh" in sys.argv[1:]))
