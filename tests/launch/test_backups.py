"""Backing up and restoring a real database on a real server: whoever left since has left afterwards."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from config.launch.addresses import readdressed
from config.launch.roles import prepare

SCRIPTS = Path(__file__).parent / "restoring"


@pytest.fixture
def installation(server, folder):
    """An installation of its own: a company with Alice, who takes part, and Bob, who does too."""
    urls = prepare(server.url, database="assent", fresh=True)
    environment = os.environ | {
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": urls.owner,
        "DATABASE_ADMIN_URL": server.url,
        "ASSENT_DATA_DIR": str(folder / "data"),
        "PG_DUMP": server.programs.path("pg_dump"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    manage = Manage(environment, readdressed(server.url, dbname="assent"))
    manage("migrate_companies", ASSENT_AS="owner")
    manage.script("settle")
    return manage


class Manage:
    def __init__(self, environment, address):
        self.environment = environment
        self.address = address

    def __call__(self, *arguments, succeeds=True, **more):
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, env=self.environment | more, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) is succeeds, done.stdout + done.stderr
        return done.stdout + done.stderr

    def script(self, name):
        return self("shell", "-c", (SCRIPTS / f"{name}.py").read_text())

    def backup(self):
        said = self("backup")
        return next(line for line in said.splitlines() if line.endswith(".dump"))

    @property
    def journal(self):
        return Path(self.environment["ASSENT_DATA_DIR"]) / "erasures.journal"

    def people(self):
        with psycopg.connect(self.address) as here:
            return sorted(name for (name,) in here.execute("SELECT name FROM acme.accounts_person"))

    def open_grants(self):
        with psycopg.connect(self.address) as here:
            return here.execute("SELECT count(*) FROM acme.consent_opengrant").fetchone()[0]


@pytest.mark.slow
def test_restored_backup_is_fenced_until_those_who_left_since_have_left_again(installation):
    file = installation.backup()
    installation.script("leave")
    assert installation.people() == ["Bob Baker"]
    journal = installation.journal.read_bytes()
    installation.journal.unlink()

    said = installation("restore", file, "--replace", succeeds=False)
    assert "Still fenced off: acme" in said
    assert (installation.people(), installation.open_grants()) == (["Alice Archer", "Bob Baker"], 2)
    assert "refused: ReadingStopped" in installation.script("read")

    installation.journal.write_bytes(journal)
    assert "are read again" in installation("replay_journal")
    assert (installation.people(), installation.open_grants()) == (["Bob Baker"], 0)
    assert "read" in installation.script("read")


@pytest.mark.slow
def test_unfit_backups_and_targets_are_refused_with_a_sentence(installation):
    file = Path(installation.backup())
    assert "--replace" in installation("restore", str(file), succeeds=False)
    assert "superuser" in installation(
        "backup", succeeds=False, DATABASE_ADMIN_URL=installation.environment["DATABASE_URL"]
    )
    file.write_bytes(file.read_bytes()[:-10])
    assert "cut or changed" in installation("restore", str(file), "--replace", succeeds=False)
    assert installation.people() == ["Alice Archer", "Bob Baker"]


@pytest.mark.slow
def test_backups_beyond_the_horizon_are_deleted(installation):
    old = Path(installation.backup())
    manifest = old.with_name(old.name + ".json")
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"made_at": "2020-01-01T00:00:00+00:00"}))
    aside = old.with_name("assent-20200101T000000Z.dump")
    old.rename(aside)
    text = manifest.read_text().replace(old.name, aside.name)
    manifest.rename(aside.with_name(aside.name + ".json")).write_text(text)
    installation.backup()
    assert not aside.exists()
