"""`make demo` as a newcomer meets it: all of it started, killed, started again and stopped."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.launch.test_child import wait_until
from tests.launch.test_roles import _forget
from tests.postgres import SERVER_URL

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent.parent


class Demo:
    """One run of the supervisor, as a terminal would start it."""

    def __init__(self, folder: Path, **environment: str):
        self.words = folder / "words"
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE", "PG", "SECRET"))}
        with self.words.open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.launch.demo"],
                cwd=ROOT,
                env=clean | {"ASSENT_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"} | environment,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.words.read_text()

    def until_it_runs(self) -> "Demo":
        wait_until(lambda: "Ctrl-C stops everything" in self.said() or self.process.poll() is not None, seconds=300)
        assert self.process.poll() is None, self.said()
        return self

    def page(self, path: str, schema: str = "acme") -> str:
        port = re.search(r"http://acme\.localhost:(\d+)/", self.said())[1]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", headers={"Host": f"{schema}.localhost:{port}"}
        )
        with urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open(request, timeout=10) as answer:
            return answer.read().decode()

    def answers(self) -> bool:
        try:
            return self.page("/readyz") == "ready\n"
        except OSError:
            return False

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process:
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if any(word in part for part in child.cmdline()))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def start(folder):
    runs = []

    def make(**environment) -> Demo:
        runs.append(Demo(folder, **environment))
        return runs[-1]

    yield make
    for demo in runs:
        if demo.process.poll() is None:
            demo.stop()


def test_demo_lives_through_all_that_is_done_to_it(start, folder):
    """One story, since each start takes seconds: start, look, kill each process, kill all, start again, stop."""
    demo = start(PORT="18400").until_it_runs()
    assert "demo" in demo.page("/demo/enter/employee/").lower()
    _look_with_psql(folder)

    for word in ("bin/postgres", "gunicorn", "work"):
        victim = demo.child(word)
        victim.kill()
        wait_until(lambda: not victim.is_running())  # noqa: B023 - called before the next turn
        wait_until(lambda: _has(demo, word) and demo.answers(), seconds=30)  # noqa: B023
    assert demo.said().count("starting it again") == 3

    family = demo.family()
    demo.process.kill()
    demo.process.wait()
    second = start(PORT="18400")
    began = time.monotonic()
    second.until_it_runs()
    assert time.monotonic() - began < 60
    assert second.answers()
    assert [process for process in family if process.is_running()] == []

    family = second.family()
    assert second.stop() == 0
    _look_with_psql(folder)  # with a server that runs for psql alone
    assert [process for process in family if process.is_running()] == []
    assert "Traceback" not in second.said()
    assert "The data is kept" in second.said()


def _look_with_psql(folder: Path, **environment: str) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE", "PG"))}
    done = subprocess.run(
        [sys.executable, "-m", "config.launch.sql", "acme"],
        cwd=ROOT,
        env=clean | {"ASSENT_DATA_DIR": str(folder)} | environment,
        input="SELECT session_user, current_user, current_schema; SELECT * FROM globex.accounts_person;",
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"assent_app +\| assent__acme +\| acme", done.stdout), done
    assert "permission denied for schema globex" in done.stderr


def _has(demo: Demo, word: str) -> bool:
    try:
        return demo.child(word).is_running()
    except (StopIteration, psutil.Error):
        return False


def test_demo_runs_on_a_postgresql_of_ones_own(start, folder):
    demo = start(DATABASE_URL=SERVER_URL, DATABASE_NAME="launch_demo", PORT="18500").until_it_runs()
    assert demo.answers()
    assert not (folder / "postgres").exists()
    assert demo.stop() == 0
    _forget(SERVER_URL, "launch_demo")


def test_unreachable_database_is_said_in_a_sentence(start):
    demo = start(DATABASE_URL="postgresql://nobody@127.0.0.1:9/postgres")
    assert demo.process.wait(60) == 1
    assert "Connection refused" in demo.said()
    assert "Traceback" not in demo.said()
