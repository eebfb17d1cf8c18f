"""The server stopped, its files copied, started again: PostgreSQL cannot tell a copy, yet reads from none of it."""

import shutil
import subprocess

import psycopg
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def put_back(installation, server):
    """Copy the files of the stopped server; then put them back. A snapshot of a disk does the same."""
    files = server.cluster.folder
    kept = files.with_name("kept")
    server.stop()
    subprocess.run(["cp", "-a", files, kept], check=True)
    server.start()

    def restore():
        server.stop()
        shutil.rmtree(files)
        kept.rename(files)
        server.start()

    return restore


def test_files_put_back_are_fenced_from_the_first_query_on(installation, put_back):
    installation.script("leave")
    put_back()
    assert installation.people() == ["Alice Archer", "Bob Baker"]

    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        installation.open_gate_by_hand()
    assert "refused: FencedOff" in installation.script("read")
    installation("replay_journal")

    assert (installation.people(), installation.open_grants()) == (["Bob Baker"], 0)
    assert "refused" not in installation.script("read")


def test_server_that_was_merely_started_again_is_read_by_the_first_who_asks(installation, server):
    server.stop()
    server.start()
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        installation.open_gate_by_hand()

    assert "refused" not in installation.script("read")
    assert installation.ask("SELECT count(*) FROM acme.audit_entry WHERE event = 'consent.journal_compared'") == [(1,)]


def test_server_started_without_its_journal_stays_shut(installation, server):
    installation.journal.unlink()
    server.stop()
    server.start()

    assert "refused: FencedOff" in installation.script("read")
    assert "begin_journal" in installation("replay_journal", succeeds=False)
