"""The journal among real processes, which write at once and die at the wrong moment."""

import pytest

pytestmark = pytest.mark.slow


def test_whoever_pressed_the_button_has_left_though_the_process_was_killed_before_it_committed(installation):
    killed = installation.begin("killed")
    assert killed.wait(60) == -9
    assert installation.open_grants() == 2
    assert b'"act":"withdrawn"' in installation.journal.read_bytes()

    installation("replay_journal")

    assert installation.open_grants() == 1
    assert "refused" not in installation.script("read")


def test_processes_that_write_at_once_break_no_line(installation):
    writers = [installation.begin("many") for _ in range(3)]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]

    assert installation.journal.read_bytes().count(b"\n") == 1 + 150
    assert "are read again" in installation("replay_journal")
    assert installation.ask("SELECT position FROM acme.consent_journalmark") == [(installation.journal.stat().st_size,)]
