"""A program that is kept running: started again when it dies, or when it lives but does nothing."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from config.launch.installation import ROOT
from config.launch.tether import tether

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
SECONDS_TO_BE_WELL = 60
SECONDS_TO_STOP = 8
SHARE_OF_WORK = 0.02  # of one core; an idle django-q2 process, which polls, uses 0.003


class Child:
    """One process group: its leader, and whatever that starts."""

    def __init__(self, name: str, command: list[str], *, environment: dict[str, str], folder: Path):
        self.name = name
        self.command = command
        self.environment = environment
        self.log = folder / "logs" / f"{name}.log"
        self.record = folder / f"{name}.group"
        self.process: subprocess.Popen | None = None
        self.started_at = self.due_at = 0.0
        self.pause = FIRST_PAUSE
        self._asked_at = 0.0
        self._used: dict[int, float] = {}  # seconds of processor time, by process

    def start(self) -> None:
        """Start it in a group of its own, after ending what an earlier supervisor left of it."""
        self._end_leftover()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=tether(signal.SIGTERM),  # noqa: PLW1509 - one system call, prepared before the fork
            )
        self.started_at = time.monotonic()
        self.record.write_text(str(self.process.pid))

    def uptime(self) -> float:
        return time.monotonic() - self.started_at if self.process else 0.0

    def has_worked(self) -> bool:
        """Whether one of its processes has used the processor to speak of since this was last asked."""
        before, asked_at = self._used, self._asked_at
        self._used, self._asked_at = self._processor_time(), time.monotonic()
        worth = SHARE_OF_WORK * (self._asked_at - asked_at)
        return any(used - before.get(pid, 0) > worth for pid, used in self._used.items())

    def _processor_time(self) -> dict[int, float]:
        used = {}
        with suppress(psutil.Error):
            leader = psutil.Process(self.process.pid) if self.process else None
            for process in [leader, *leader.children(recursive=True)] if leader else []:
                times = process.cpu_times()
                used[process.pid] = times.user + times.system
        return used

    def tend(self, say: Callable[[str], None]) -> None:
        """Start it again if it died, each time a little later, until it has been well for a minute."""
        if self.process is None:
            if time.monotonic() >= self.due_at:
                self.start()
        elif (status := self.process.poll()) is not None:
            self.end_group()
            self.pause = FIRST_PAUSE if self.uptime() > SECONDS_TO_BE_WELL else min(2 * self.pause, LONGEST_PAUSE)
            say(f"The {self.name} {_ending(status)}; starting it again. Its words: {self.log}")
            self.process, self.due_at = None, time.monotonic() + self.pause

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Wait for it after `ask_to_stop`, not for ever: django-q2 may not listen (its issue 23)."""
        if self.process:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(SECONDS_TO_STOP)
            self.end_group()
            self.process.wait()
        self.record.unlink(missing_ok=True)

    def end_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _end_leftover(self) -> None:
        """End members of the recorded group; the number may be another's by now, hence the look at their folder."""
        if not self.record.exists():
            return
        group = int(self.record.read_text() or 0)
        leftover = [process for process in psutil.process_iter() if _belongs(process, group)]
        for process in leftover:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(leftover, timeout=SECONDS_TO_STOP)


def _belongs(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group and Path(process.cwd()) == ROOT
    except (OSError, psutil.Error):
        return False


def _ending(status: int) -> str:
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
