"""The server's files: made whole or not at all, of one major version, with one password."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from config.launch.account import Account
from config.launch.programs import Programs

SUPERUSER = "postgres"
SECONDS_TO_SHUT_DOWN = 30
FIRST_WITH_OWN_LOCALE = 17


class Cluster:
    """A data directory and what a crash may have left in it."""

    def __init__(self, place: Path, *, programs: Programs, account: Account):
        self.place = place
        self.folder = place / "data"
        self.programs = programs
        self.account = account

    def exists(self) -> bool:
        return self.folder.exists()

    def make(self, password: str) -> None:
        """Make the data directory under another name first: an interrupted `initdb` leaves none."""
        unfinished = self.place / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        self.account.give(unfinished)
        with self._password_file(password) as file:
            done = subprocess.run(self._initdb(unfinished, file), **self.as_server(), text=True, check=False)
        if done.returncode:
            raise ServerFailed(f"The database could not be made.\n{done.stdout}")
        unfinished.rename(self.folder)

    @contextmanager
    def _password_file(self, password: str) -> Iterator[str]:
        # A list of arguments can be read by all, and root's pipe cannot be opened by the server's account.
        file = self.place / "password"
        file.touch(mode=0o600)
        try:
            file.write_text(password)
            self.account.give(file)
            yield str(file)
        finally:
            file.unlink()

    def _initdb(self, folder: Path, password_file: str) -> list[str]:
        return [
            self.programs.path("initdb"),
            *("-D", str(folder), "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", password_file),
            *("-E", "UTF8", *self._locale(), "--no-instructions"),
        ]

    def _locale(self) -> tuple[str, ...]:
        # PostgreSQL's own C.UTF-8 where it has one: it needs none of the system's, which not every macOS has.
        if self.programs.major >= FIRST_WITH_OWN_LOCALE:
            return "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"
        return ("--locale=C.UTF-8",)

    def as_server(self) -> dict[str, object]:
        """Arguments of `subprocess` under which the server's programs run."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        return {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
            "cwd": self.place,
            "env": environment | {"LC_ALL": "C", "HOME": str(self.place)},
            **self.account.as_arguments(),
        }

    def refuse_other_version(self) -> None:
        major = int((self.folder / "PG_VERSION").read_text())
        if major != self.programs.major:
            raise ServerFailed(
                f"The data was made by PostgreSQL {major}, but {self.programs.origin} is PostgreSQL"
                f" {self.programs.major}. Set PG_BIN_DIR to the programs of version {major}, or start afresh with"
                " `make demo-reset`."
            )

    def stop_leftover(self) -> None:
        """Stop what a killed supervisor or postmaster left running; forget a process number that is now another's.

        Orphaned backends too: one in a long query would hold the shared memory that the next server needs.
        """
        ours = [process for process in psutil.process_iter() if self._is_ours(process)]
        for last_word in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            numbers = {process.pid for process in ours}
            for process in ours:
                with suppress(psutil.NoSuchProcess):
                    if process.ppid() not in numbers:  # a postmaster ends its own; what it left behind is told itself
                        process.send_signal(last_word)
            ours = psutil.wait_procs(ours, timeout=SECONDS_TO_SHUT_DOWN)[1]
        if self._recorded_number_is_alive():
            (self.folder / "postmaster.pid").unlink()

    def _is_ours(self, process: psutil.Process) -> bool:
        """Whether it stands in our data directory, as every process of a server does."""
        try:
            return process.cwd() == str(self.folder)
        except psutil.Error:
            return False

    def _recorded_number_is_alive(self) -> bool:
        """Whether the number in `postmaster.pid` is used, now that no process of ours is left."""
        try:
            return psutil.pid_exists(int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0]))
        except (OSError, ValueError):
            return False


class ServerFailed(RuntimeError):
    """The embedded server cannot be made or started. The text says why and what to do."""
