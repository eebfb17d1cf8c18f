"""A worker that lives but does nothing is ended; one that cannot be asked about is left alone."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import psycopg
import pytest

from config.launch.addresses import readdressed
from config.launch.child import Child
from config.launch.installation import Database
from config.launch.roles import Urls, prepare
from config.launch.watch import StepFailed, Watch
from tests.launch.test_roles import _forget
from tests.postgres import SERVER_URL

DATABASE = "launch_watch"


@pytest.fixture
def urls():
    urls = prepare(SERVER_URL, database=DATABASE, fresh=True)
    with psycopg.connect(urls.owner) as owner:
        owner.execute("CREATE TABLE tenants_heartbeat (name text PRIMARY KEY, at timestamptz NOT NULL)")
        owner.execute(f"GRANT SELECT ON tenants_heartbeat TO {DATABASE}_app")
    yield urls
    _forget(SERVER_URL, DATABASE)


@pytest.fixture
def worker(tmp_path):
    script = "import time; time.sleep(60)"
    child = Child("worker", [sys.executable, "-c", script], environment=dict(os.environ), folder=tmp_path)
    child.start()
    child.started_at -= 1000  # it has been up for a while
    yield child
    child.ask_to_stop()
    child.stop()


def beat(urls: Urls, seconds_ago: int) -> None:
    with psycopg.connect(urls.owner) as owner:
        owner.execute("INSERT INTO tenants_heartbeat SELECT 'worker', now() - make_interval(secs => %s)", [seconds_ago])


def is_ended(urls: Urls, worker: Child) -> bool:
    Watch(Database(urls, server=None))._look_at(worker)
    with suppress(subprocess.TimeoutExpired):
        worker.process.wait(0.5)
    return worker.process.returncode == -signal.SIGKILL


def test_silent_worker_is_ended(urls, worker, capsys):
    beat(urls, seconds_ago=121)
    assert is_ended(urls, worker)
    assert "has been silent for 121 s" in capsys.readouterr().out


def test_worker_that_never_spoke_is_ended(urls, worker):
    assert is_ended(urls, worker)


def test_worker_that_speaks_is_left_alone(urls, worker):
    beat(urls, seconds_ago=100)
    assert not is_ended(urls, worker)


def test_new_worker_is_given_time(urls, worker):
    beat(urls, seconds_ago=1000)
    worker.started_at += 1000
    assert not is_ended(urls, worker)


def test_worker_is_not_blamed_for_the_database(urls, worker):
    nowhere = readdressed(urls.app, dbname="launch_nowhere")
    assert not is_ended(Urls(owner=nowhere, app=nowhere), worker)


def test_failed_step_is_named(urls):
    watch = Watch(Database(urls, server=None))
    with pytest.raises(StepFailed, match="`-c raise SystemExit\\(1\\)` failed"):
        watch.run_step([sys.executable, "-c", "raise SystemExit(1)"], dict(os.environ))


def test_step_is_tried_again_when_the_server_died_under_it(make_server, tmp_path):
    server = make_server()
    server.start()
    once = tmp_path / "once"
    script = (
        "import os, pathlib, signal, sys, time;"
        f"once = pathlib.Path({str(once)!r}); first = not once.exists(); once.touch();"
        f"first and os.kill({server.process.pid}, signal.SIGKILL); time.sleep(0.5); sys.exit(first)"
    )
    Watch(Database(Urls(server.url, server.url), server)).run_step([sys.executable, "-c", script], dict(os.environ))
    assert server.is_alive()
