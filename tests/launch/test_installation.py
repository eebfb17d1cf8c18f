"""What an installation keeps, what it forgets, and what it tells its children."""

import json

import pytest

from config.launch.installation import Installation


@pytest.fixture
def installation(folder, monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("ASSENT_DATA_DIR", str(folder))
    installation = Installation()
    for name in ("postgres/data", "uploads"):
        (folder / name).mkdir(parents=True)
    installation.keyring.get("postgres")
    installation.lock.touch()
    return installation


def names(installation) -> list[str]:
    return sorted(path.name for path in installation.folder.iterdir())


def test_forgetting_leaves_only_the_lock(installation):
    installation.forget()
    assert names(installation) == ["lock"]


def test_secrets_after_forgetting_are_new_and_kept(installation):
    old = installation.keyring.get("postgres")
    installation.forget()
    new = installation.keyring.get("postgres")
    assert new != old
    assert json.loads(installation.keyring.path.read_text()) == {"postgres": new}


def test_forgetting_on_a_server_of_ones_own_keeps_the_embedded_one(installation, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/postgres")
    installation.forget()
    assert names(installation) == ["lock", "postgres", "secrets.json"]


def test_forgetting_follows_the_link_to_where_the_data_lie(installation, tmp_path):
    (tmp_path / "place" / "data").mkdir(parents=True)
    (installation.folder / "postgres" / "data").rmdir()
    (installation.folder / "postgres").rmdir()
    (installation.folder / "postgres").symlink_to(tmp_path / "place")
    installation.forget()
    assert not (tmp_path / "place").exists()
    assert names(installation) == ["lock"]


def test_children_are_not_told_what_the_owner_knows(installation, monkeypatch):
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner:secret@/assent")
    environment = installation.environment(installation.running_database())
    assert environment["PGHOST"] == str(installation.embedded_server().socket)
    assert "assent_owner" not in str(environment)
    assert "secret@" not in str(environment)
    assert environment["DATABASE_URL"].startswith("postgresql://assent_app:")
