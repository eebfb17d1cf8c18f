"""Keeping server, web and worker alive until somebody asks us to stop."""

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from config.launch.child import Child
from config.launch.cluster import ServerFailed
from config.launch.installation import ROOT, Database
from config.launch.port import loopbacks
from config.launch.tether import tether

PAUSE = 0.2
SECONDS_BETWEEN_LOOKS = 15
SECONDS_OF_SILENCE = 120  # the worker's tick writes its heartbeat once a minute
WORKER_NAME = "assent worker"
LAST_SIGN_OF_LIFE = """
    SELECT CASE WHEN EXISTS (
        SELECT FROM pg_stat_activity
        WHERE application_name = %s AND state = 'active' AND query_start < now() - interval '5 seconds'
    ) THEN 0 ELSE (SELECT coalesce(extract(epoch FROM now() - max(at)), 'infinity')
               FROM public.tenants_heartbeat WHERE name = 'worker') END
"""
SECONDS_TO_ANSWER = 60
STEP_ATTEMPTS = 3
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn every wish to stop into a KeyboardInterrupt."""
    for wish in STOPPING:
        signal.signal(wish, signal.default_int_handler)
    yield


def deafen() -> None:
    """From here on we are stopping already: impatience must not leave a process behind."""
    for wish in STOPPING:
        signal.signal(wish, signal.SIG_IGN)


class Watch:
    """Tends what runs, and says in the terminal what it had to do."""

    def __init__(self, database: Database):
        self.database = database
        self.children: list[Child] = []
        self.looked_at = self.worked_at = 0.0

    def run_step(self, command: list[str], environment: dict[str, str]) -> None:
        """Run a command to its end, in our terminal. A server that died under it gets it another try.

        :raises StepFailed: it failed by itself
        """
        for _ in range(STEP_ATTEMPTS):
            server_died = False
            with _in_terminal(command, environment) as process:
                while process.poll() is None:
                    server_died |= self._tend_server()
                    time.sleep(PAUSE)
            if process.returncode == 0:
                return
            if not (server_died or self._tend_server()):
                break
        raise StepFailed(f"`{' '.join(command[1:])}` failed; its words stand above.")

    def keep(self, *children: Child) -> None:
        self.children += children
        for child in children:
            child.start()

    def until_web_answers(self, web: Child, port: int) -> None:
        """Return when the web process reaches its database.

        :raises StepFailed: it does not within a minute
        """
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while not _answers(port):
            self.tend()
            time.sleep(PAUSE)
            if time.monotonic() > deadline:
                raise StepFailed(f"The web server does not answer. Its words: {web.log}")

    def forever(self, worker: Child) -> None:
        while True:
            self.tend()
            self._look_at(worker)
            time.sleep(PAUSE)

    def tend(self) -> None:
        self._tend_server()
        for child in self.children:
            child.tend(say)

    def stop(self) -> None:
        """Stop web and worker at once; the server comes last, by whoever started it."""
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop()

    def _tend_server(self) -> bool:
        """Return whether the server had died and had to be started again."""
        server = self.database.server
        if server is None or server.is_alive():
            return False
        say("PostgreSQL has ended; starting it again.")
        try:
            server.start()
        except ServerFailed as error:
            say(f"{error}\nTrying again in 5 s.")
            time.sleep(5)
        return True

    def _look_at(self, worker: Child) -> None:
        """End a worker that lives but does nothing: SIGTERM does not reach one whose own workers were killed.

        Its heartbeat alone does not tell: it is a task like others, and waits while all workers import files.
        """
        if time.monotonic() < self.looked_at + SECONDS_BETWEEN_LOOKS:
            return
        self.looked_at = time.monotonic()
        if worker.has_worked():
            self.worked_at = self.looked_at
        silence = self._silence()
        if min(silence, worker.uptime(), self.looked_at - self.worked_at) > SECONDS_OF_SILENCE:
            say(f"The {worker.name} has done nothing for {SECONDS_OF_SILENCE} s; ending it.")
            worker.end_group()

    def _silence(self) -> float:
        """Seconds since the worker's last sign of life in the database: a heartbeat, or a statement that still runs.

        None have passed when the database does not answer: that is no fault of the worker's.
        """
        try:
            with psycopg.connect(self.database.urls.app, connect_timeout=5) as app:
                return float(app.execute(LAST_SIGN_OF_LIFE, [WORKER_NAME]).fetchone()[0])
        except psycopg.Error:
            return 0.0


def web(*, port: int, environment: dict[str, str], folder) -> Child:
    binds = [part for host in loopbacks() for part in ("--bind", f"{host}:{port}")]
    command = [
        *(sys.executable, "-m", "gunicorn", "config.wsgi", *binds),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        *("--graceful-timeout", "5", "--no-control-socket"),
    ]
    return Child("web", command, environment=environment, folder=folder)


def worker(*, environment: dict[str, str], folder) -> Child:
    named = environment | {"PGAPPNAME": WORKER_NAME}
    return Child("worker", manage("work"), environment=named, folder=folder)


def sealer(*, environment: dict[str, str], folder) -> Child:
    return Child("sealer", manage("seal"), environment=environment, folder=folder)


def manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


@contextmanager
def _in_terminal(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    # A session of its own: Ctrl-C reaches us alone, and we end it without a traceback.
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=tether(signal.SIGTERM),  # noqa: PLW1509 - one system call, prepared before the fork
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/readyz", headers={"Host": f"localhost:{port}"})
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310 - our own server
            return answer.status == 200
    except OSError:
        return False


class StepFailed(RuntimeError):
    """A step of the start did not succeed; the text says which."""
