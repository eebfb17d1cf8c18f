"""Servers of our own to kill, in folders that the server's account can reach."""

import shutil
import tempfile
from pathlib import Path

import pytest

from config.launch.addresses import readdressed
from config.launch.postgres import Server
from config.launch.roles import prepare
from tests.launch.restoring.manage import Manage, environment_of

FAST = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}


@pytest.fixture
def folder():
    """A data directory below /tmp, where pytest's own folders are closed to other accounts."""
    folder = Path(tempfile.mkdtemp(prefix="assent-launch-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make_server(folder):
    """Make a server object over the same data: `make_server()` twice is a supervisor and its successor."""
    made = []

    def make(where=folder, **settings):
        made.append(Server(where, password="open sesame", log=where / "log", settings=FAST | settings))
        return made[-1]

    yield make
    for server in made:
        server.stop()
        shutil.rmtree(server.socket, ignore_errors=True)  # below /tmp where the folder's path is too long


@pytest.fixture
def server(make_server):
    server = make_server()
    server.start()
    return server


@pytest.fixture
def installation(server, folder):
    """An installation of its own: a company with Alice, who takes part, and Bob, who does too."""
    urls = prepare(server.url, database="assent", fresh=True)
    manage = Manage(environment_of(server, urls, folder), readdressed(server.url, dbname="assent"))
    manage("migrate_companies", ASSENT_AS="owner")
    manage.script("settle")
    return manage
