"""What `git log` prints: who made a change, who looked it through, and what is said of odd lines."""

import os
import shlex
import subprocess

import pytest

from scoring.connectors import git_log
from scoring.connectors.refusals import FileRefused
from tests.scoring.connectors.conftest import Seen

TUESDAY, MONDAY = 1794304800, "2026-11-09"
DATED = {"GIT_COMMITTER_DATE": f"{TUESDAY} +0000"}


@pytest.fixture
def log(tmp_path):
    def log(*lines):
        path = tmp_path / "changes.txt"
        path.write_text("\n".join(lines) + "\n")
        return path

    return log


@pytest.fixture
def read(log):
    return lambda *lines: Seen(git_log, log(*lines))


def _commit(author="ada@acme.example", at=TUESDAY):
    return f"commit {at} {author}"


def test_reviewer_and_author_count_each_other(read):
    seen = read(_commit(), "Reviewed-by: Ben <Ben@acme.example>", "Tested-by: Cat <cat@x.example>", "")
    assert seen.sightings == {(1, "REVIEWED_BY", MONDAY): 2, (2, "REVIEWED", MONDAY): 1}
    assert seen.numbers == {"kept": 1, "not granted": 0, "private": 0, "malformed": 0, "left out": 0}


def test_author_names_who_made_it_with_them(read):
    seen = read(_commit(), "co-authored-by: Ben <ben@acme.example>")
    assert seen.sightings == {(1, "MENTIONED", MONDAY): 1, (2, "MENTIONED_BY", MONDAY): 1}


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ([_commit()], "left out"),
        ([_commit(), "Reviewed-by: Ada <ada@acme.example>"], "left out"),
        ([_commit("eve@x.example"), "Acked-by: dan@x.example"], "not granted"),
        ([_commit("")], "malformed"),
        ([_commit(at=9999999999)], "malformed"),
    ],
)
def test_commit_that_does_not_count_is_a_number(read, lines, number):
    seen = read(*lines)
    assert (seen.sightings, seen.numbers[number], seen.receipt.read) == ({}, 1, 1)


def test_malformed_lines_are_named_and_the_others_count(read):
    seen = read(_commit(), "Fix the secret thing", "Reviewed-by: Ben", "Reviewed-by: Ben <ben@acme.example>")
    assert seen.receipt.faults == [
        ("line 2", "This is neither a commit nor a trailer that the command asks for."),
        ("line 3", "The trailer Reviewed-by names no e-mail address."),
    ]
    assert seen.numbers["kept"] == 1


def test_trailers_of_a_commit_that_cannot_be_read_count_for_nobody_else(read):
    seen = read(_commit(), _commit("nobody"), "Reviewed-by: Ben <ben@acme.example>")
    assert (seen.sightings, seen.numbers["malformed"], seen.numbers["left out"]) == ({}, 1, 1)


@pytest.mark.parametrize(("line", "sentence"), [("", "empty"), ("commit 6073c36b", "not what the command prints")])
def test_other_output_is_refused(log, line, sentence):
    with pytest.raises(FileRefused, match=sentence):
        git_log.inspect(log(line))


def test_command_prints_what_is_read_and_no_more(tmp_path):
    """The very command that the page shows, on a repository whose every other field says CANARY."""

    def git(*words):
        asked = ["git", "-c", "user.name=CANARY", "-c", "user.email=ada@acme.example", *words]
        subprocess.run(asked, cwd=tmp_path, check=True, capture_output=True, env=os.environ | DATED)

    git("init", "--quiet", "--initial-branch=CANARY")
    (tmp_path / "CANARY").write_text("CANARY")
    git("add", ".")
    git("commit", "-m", "CANARY", "-m", "CANARY", "-m", "Ticket: CANARY\nReviewed-by: Ben <ben@acme.example>")
    command, output = git_log.COMMAND.split(" > ")
    printed = subprocess.run(shlex.split(command), cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    (tmp_path / output).write_text(printed)
    git_log.inspect(tmp_path / output)
    assert "CANARY" not in printed
    assert Seen(git_log, tmp_path / output).sightings == {
        (1, "REVIEWED_BY", MONDAY): 1, (2, "REVIEWED", MONDAY): 1,
    }  # fmt: skip
