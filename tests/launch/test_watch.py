"""A worker that lives but does nothing is ended; one that cannot be asked about is left alone."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress

import psycopg
import pytest

from config.launch.addresses import readdressed
from config.launch.child import Child
from config.launch.installation import Database
from config.launch.roles import Urls, prepare
from config.launch.watch import WORKER_NAME, StepFailed, Watch
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
def make_worker(tmp_path):
    made = []

    def make(script: str = "time.sleep(60)") -> Child:
        command = [sys.executable, "-c", f"import time; {script}"]
        child = Child("worker", command, environment=dict(os.environ), folder=tmp_path)
        made.append(child)
        child.start()
        time.sleep(0.3)
        child.started_at -= 1000  # it has been up for a while
        return child

    yield make
    for child in made:
        child.ask_to_stop()
        child.stop()


@pytest.fixture
def worker(make_worker):
    return make_worker()


def beat(urls: Urls, seconds_ago: int) -> None:
    with psycopg.connect(urls.owner) as owner:
        owner.execute("INSERT INTO tenants_heartbeat SELECT 'worker', now() - make_interval(secs => %s)", [seconds_ago])


def is_ended(urls: Urls, worker: Child) -> bool:
    watch = Watch(Database(urls, server=None))
    worker.has_worked()  # its start was work
    time.sleep(0.3)
    watch.worked_at = time.monotonic() - 1000
    watch._look_at(worker)
    with suppress(subprocess.TimeoutExpired):
        worker.process.wait(0.3)
    return worker.process.returncode == -signal.SIGKILL


def test_silent_worker_is_ended(urls, worker, capsys):
    beat(urls, seconds_ago=121)
    assert is_ended(urls, worker)
    assert "has done nothing for 120 s" in capsys.readouterr().out


def test_worker_that_never_spoke_is_ended(urls, worker):
    assert is_ended(urls, worker)


def test_worker_that_speaks_is_left_alone(urls, worker):
    beat(urls, seconds_ago=100)
    assert not is_ended(urls, worker)


def test_new_worker_is_given_time(urls, worker):
    beat(urls, seconds_ago=1000)
    worker.started_at += 1000
    assert not is_ended(urls, worker)


def test_busy_worker_is_left_alone_though_it_is_silent(urls, make_worker):
    """Both workers import files: the tick waits its turn."""
    assert not is_ended(urls, make_worker("\nwhile True: pass"))


def test_worker_that_waits_for_its_statement_is_left_alone(urls, worker):
    with closing(psycopg.connect(urls.app, application_name=WORKER_NAME, autocommit=True)) as busy:
        busy.pgconn.send_query(b"SELECT pg_sleep(6)")
        time.sleep(5.2)
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
