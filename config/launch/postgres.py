"""The embedded PostgreSQL under our own supervision: its direct parent, so that no crash leaves a zombie in its way."""

import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from config.launch.account import server_account
from config.launch.addresses import readdressed
from config.launch.cluster import SECONDS_TO_SHUT_DOWN, SUPERUSER, Cluster, ServerFailed
from config.launch.places import reachable_programs, server_place, socket_folder
from config.launch.programs import find_programs
from config.launch.tether import tether

# What the kernel or a crash may leave behind for a moment: orphaned backends hold the shared memory until they notice.
PASSING = ("shared memory block", "postmaster.pid", "lock file")
FIRST_PAUSE, LONGEST_PAUSE, ATTEMPTS = 0.1, 5.0, 12
SECONDS_BEFORE_A_WORD = 10


class Server:
    """One PostgreSQL whose socket only its own account can reach."""

    def __init__(self, data_dir: Path, *, password: str, log: Path, settings: dict[str, str] | None = None):
        account = server_account()
        place = server_place(data_dir, account)
        self.programs = reachable_programs(find_programs(), account)
        self.cluster = Cluster(place, programs=self.programs, account=account)
        self.socket = socket_folder(place, account)
        self.password = password
        self.log = log
        self.settings = settings or {}
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Where its superuser reaches it. For making roles; neither web nor worker ever see it."""
        return readdressed(
            "postgresql://",
            user=SUPERUSER,
            password=self.password,
            host=str(self.socket),
            port="5432",
            dbname="postgres",
        )

    def start(self) -> None:
        """Make the data if there is none, start, and return when the server answers, however long recovery takes.

        :raises ServerFailed: it cannot start; the text ends with its own last words
        """
        if not self.cluster.exists():
            self.cluster.make(self.password)
        self.cluster.refuse_other_version()
        self.cluster.stop_leftover()
        pause = FIRST_PAUSE
        for _ in range(ATTEMPTS):
            if self._launch_and_wait():
                return
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        raise ServerFailed(f"PostgreSQL does not start.\n{self._last_words()}")

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Shut down fast: clients are sent away, all that was committed is kept."""
        for last_word in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if not self.is_alive():
                return
            self.process.send_signal(last_word)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(SECONDS_TO_SHUT_DOWN)

    def _launch_and_wait(self) -> bool:
        """Return whether it answers; False if it ended over something that passes."""
        self._launch()
        patience = time.monotonic() + SECONDS_BEFORE_A_WORD
        while self.is_alive():
            if self._answers():
                return True
            if time.monotonic() > patience:
                print(
                    f"PostgreSQL is still starting, perhaps recovering from a crash. Its words: {self.log}", flush=True
                )
                patience = float("inf")
            time.sleep(0.02)
        if not any(sign in self._last_words() for sign in PASSING):
            raise ServerFailed(f"PostgreSQL ended while starting.\n{self._last_words()}")
        return False

    def _launch(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self.process = subprocess.Popen(
                self._command(),
                **self.cluster.as_server() | {"stdout": log, "stdin": subprocess.DEVNULL},
                # A group of its own: the terminal's Ctrl-C is for us, who stop web and worker first.
                start_new_session=True,
                preexec_fn=tether(signal.SIGINT),  # noqa: PLW1509 - one system call, prepared before the fork
            )

    def _command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "port": "5432",
            # Statements and their values name people; the log needs only what went wrong.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            "max_locks_per_transaction": "256",  # a company's schema is made and dropped in one transaction
            **self.settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self.programs.path("postgres"), "-D", str(self.cluster.folder), *options]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ServerFailed(
                    "The kept password does not fit the data. Start afresh with `make demo-reset`."
                ) from error
            return False
        return True

    def _last_words(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-8:])
