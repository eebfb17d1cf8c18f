"""Backing up and restoring a real database on a real server: whoever left since has left afterwards."""

import hashlib
import json
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from config.launch.addresses import readdressed
from config.launch.roles import prepare
from tests.launch.restoring.manage import Manage, environment_of

pytestmark = pytest.mark.slow


@pytest.fixture
def listening(installation, folder):
    """Note what PostgreSQL's programs are called with, as everybody on the machine can read it."""
    real = Path(installation.environment["PG_DUMP"])
    (folder / "bin").mkdir()
    for name in ("pg_dump", "pg_restore"):
        script = folder / "bin" / name
        script.write_text(f'#!/bin/sh\necho "$@" >> {folder}/called\nexec {real.with_name(name)} "$@"\n')
        script.chmod(0o755)
    installation.environment["PG_DUMP"] = str(folder / "bin" / "pg_dump")
    return folder / "called"


def test_restored_backup_is_fenced_until_those_who_left_since_have_left_again(installation):
    file = installation.backup()
    installation.script("leave")
    assert installation.people() == ["Bob Baker"]
    journal = installation.journal.read_bytes()
    installation.journal.unlink()

    said = installation("restore", file, "--replace", succeeds=False)
    assert "Still fenced off: acme" in said
    assert "begin_journal" in said
    assert (installation.people(), installation.open_grants()) == (["Alice Archer", "Bob Baker"], 2)
    assert "refused: FencedOff" in installation.script("read")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        installation.open_gate_by_hand()

    installation.journal.write_bytes(journal)
    assert "are read again" in installation("replay_journal")
    assert (installation.people(), installation.open_grants()) == (["Bob Baker"], 0)
    assert "read" in installation.script("read")


def test_restore_replays_by_itself_while_the_app_keeps_coming_back(installation, listening):
    file = installation.backup()
    installation.script("leave")
    is_over = threading.Event()
    app = threading.Thread(target=_come_back, args=(installation.environment["DATABASE_URL"], is_over))
    app.start()
    try:
        said = installation("restore", file, "--replace")
    finally:
        is_over.set()
        app.join()

    assert "are read again" in said
    assert (installation.people(), installation.open_grants()) == (["Bob Baker"], 0)
    (aside,) = [name for name in installation.databases() if "_before_" in name]
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(installation.address.replace("/assent?", f"/{aside}?"))
    assert "_restoring" in listening.read_text()
    assert "sesame" not in listening.read_text()


def _come_back(address, is_over):
    while not is_over.is_set():
        try:
            with psycopg.connect(address) as app:
                app.execute("SELECT pg_sleep(0.01)")
        except psycopg.Error:
            is_over.wait(0.01)


def test_unfit_backups_and_targets_are_refused_with_a_sentence(installation):
    file = Path(installation.backup())
    server = readdressed(installation.address, dbname="postgres")
    with psycopg.connect(server, autocommit=True) as killed_while_it_swapped:
        killed_while_it_swapped.execute("ALTER DATABASE assent ALLOW_CONNECTIONS false")
    assert "--replace" in installation("restore", str(file), succeeds=False)
    assert "superuser" in installation(
        "backup", succeeds=False, DATABASE_ADMIN_URL=installation.environment["DATABASE_URL"]
    )
    assert "PostgreSQL refused" in installation("backup", succeeds=False, DATABASE_ADMIN_URL="postgresql:///?host=/no")
    assert "not found beside" in installation("backup", "--base", succeeds=False, PG_DUMP=sys.executable)
    file.write_bytes(file.read_bytes()[:-10])
    assert "cut or changed" in installation("restore", str(file), "--replace", succeeds=False)
    assert installation.people() == ["Alice Archer", "Bob Baker"]


def test_backup_that_cannot_be_loaded_leaves_everything_as_it_was(installation):
    file = Path(installation.backup())
    manifest = file.with_name(file.name + ".json")
    file.write_bytes(file.read_bytes()[:-5000])
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"sha256": digest}))

    assert "pg_restore failed" in installation("restore", str(file), "--replace", succeeds=False)
    assert installation.people() == ["Alice Archer", "Bob Baker"]
    assert installation.databases() == ["assent"]
    assert "read" in installation.script("read")


def test_nothing_is_kept_beyond_the_horizon(installation):
    """Neither what lost its manifest, nor the server's files, nor what a restore put aside."""
    installation.backup()
    old = installation.backups / "assent-20200101T000000Z.dump"
    old.write_bytes(b"names")
    base = installation.backups / "assent-20200101T000000Z.base"
    base.mkdir()
    (base / "base.tar.gz").write_bytes(b"names")
    installation.ask("CREATE DATABASE assent_before_20200101000000")

    assert "3 copies older than 30 days are deleted" in installation("backup")
    assert not old.exists()
    assert not base.exists()
    assert installation.databases() == ["assent"]


def test_backups_are_read_by_their_owner_alone_and_base_copies_are_whole(installation):
    file = Path(installation.backup())
    installation("backup", "--base")

    (base,) = installation.backups.glob("*.base")
    assert file.stat().st_mode & 0o077 == 0
    assert {path.name for path in base.iterdir()} >= {"base.tar.gz", "backup_manifest"}


def test_backup_comes_back_on_another_server_that_knows_no_company(installation, make_server, folder):
    file = installation.backup()
    installation.script("leave")
    (folder / "elsewhere").mkdir(mode=0o711)
    other = make_server(folder / "elsewhere")
    other.start()
    strange = installation("restore", file, succeeds=False, DATABASE_ADMIN_URL=other.url)
    assert "Run `make roles` first" in strange
    moved = Manage(
        environment_of(other, prepare(other.url, database="assent", fresh=True), folder),
        readdressed(other.url, dbname="assent"),
    )

    assert "are read again" in moved("restore", file)

    assert (moved.people(), moved.open_grants()) == (["Bob Baker"], 0)
    assert "refused" not in moved.script("read")
    assert moved.ask("SELECT pg_has_role('assent_owner', 'assent__acme', 'MEMBER WITH ADMIN OPTION')") == [(True,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        moved.ask("SET ROLE assent__acme; SELECT count(*) FROM acme.scoring_weekcount")
