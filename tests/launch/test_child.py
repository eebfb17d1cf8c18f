"""Programs that are kept running, and what is left of them when their keeper dies."""

import os
import signal
import sys
import time

import psutil
import pytest

from config.launch.child import Child
from config.launch.holding import Held, hold

FAMILY = "import subprocess, sys, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)"


@pytest.fixture
def make_child(tmp_path):
    made = []

    def make(script: str) -> Child:
        child = Child("pet", [sys.executable, "-c", script], environment=dict(os.environ), folder=tmp_path)
        made.append(child)
        return child

    yield make
    for child in made:
        child.ask_to_stop()
        child.stop()


def wait_until(true, seconds: float = 10) -> None:
    for _ in range(int(seconds * 20)):
        if true():
            return
        time.sleep(0.05)
    pytest.fail("it did not come to pass")


def grandchild_of(child: Child) -> psutil.Process:
    wait_until(lambda: child.log.exists() and child.log.read_text().strip())
    return psutil.Process(int(child.log.read_text().split()[-1]))


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_child_that_died_is_started_again(make_child):
    said = []
    child = make_child("import time; time.sleep(60)")
    child.start()
    first = child.process.pid
    child.process.kill()
    wait_until(lambda: child.tend(said.append) or (child.process and child.process.pid != first))
    assert child.process.poll() is None
    assert "was ended by SIGKILL; starting it again" in said[0]


def test_child_that_keeps_dying_is_started_ever_later(make_child):
    child = make_child("raise SystemExit(3)")
    child.start()
    pauses = []
    wait_until(lambda: child.tend(lambda _: pauses.append(child.pause)) or len(pauses) == 2)
    assert pauses == [1.0, 2.0]


def test_family_of_a_dead_child_is_ended(make_child):
    child = make_child(FAMILY)
    child.start()
    grandchild = grandchild_of(child)
    child.process.kill()
    child.process.wait()
    child.tend(lambda _: None)
    wait_until(lambda: is_gone(grandchild), seconds=0.5)
    assert child.process is None  # ended at once, not when the child is started again


def test_stopping_ends_a_child_that_does_not_listen(make_child, monkeypatch):
    monkeypatch.setattr("config.launch.child.SECONDS_TO_STOP", 0.5)
    child = make_child(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    )
    child.start()
    wait_until(child.log.read_text)
    child.ask_to_stop()
    child.stop()
    assert child.process.returncode == -signal.SIGKILL


def test_successor_ends_what_a_killed_keeper_left(make_child):
    lost = make_child(FAMILY)
    lost.start()
    grandchild = grandchild_of(lost)
    successor = make_child("import time; time.sleep(60)")
    successor.start()
    lost.process.wait(5)
    assert is_gone(grandchild)
    assert successor.process.poll() is None


def test_second_command_hears_who_holds(tmp_path):
    first, second = hold(tmp_path / "lock", "make demo"), hold(tmp_path / "lock", "make sql")
    with first, pytest.raises(Held, match=rf"make demo \(process {os.getpid()}\)"), second:
        pytest.fail("two commands hold it at once")


def test_hold_ends_with_its_block(tmp_path):
    with hold(tmp_path / "lock", "make demo"):
        pass
    with hold(tmp_path / "lock", "make sql"):
        assert (tmp_path / "lock").read_text() == f"make sql (process {os.getpid()})"
