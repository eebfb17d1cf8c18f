"""What `git log` says of who made a change, and who looked it through.

The command below prints nothing else: no message, no name of a file, no line of code leaves the repository.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from scoring.connectors.door import KINDS, LEFT_OUT, Door
from scoring.connectors.refusals import FileRefused, RowRefused
from scoring.states import Act

HOW = "What this command prints, run in a copy of the repository. It prints no message, no file name and no code."
FIELDS = (
    ("commit time", "to tell the week"),
    ("author’s address", "who made the change"),
    ("Reviewed-by", "who looked it through"),
    ("Acked-by", "who looked it through"),
    ("Tested-by", "who tried it out"),
    ("Co-authored-by", "whom the author names as having made it with them"),
)
NEVER = ("What a change is called or says", "Names of files and branches", "The code", "Names of people")
TRAILERS = tuple(name for name, _ in FIELDS if name.endswith("-by"))
COMMAND = (
    "git log --no-merges --use-mailmap --format='commit %ct %aE%n%(trailers:"
    + ",".join(f"key={name}" for name in TRAILERS)
    + ",unfold)' > changes.txt"
)
_COMMIT = re.compile(r"commit (\d{1,12}) (\S*)\s*")
_TRAILER = re.compile(r"([A-Za-z-]{1,40}):\s*(.*)")
_ADDRESS = re.compile(r"<([^<>\s]+)>\s*$|^([^<>\s]+@[^<>\s]+)$")
# Whoever reviews does so towards the author; the author names who helped them.
_BY_TRAILER = {name.lower(): Act.REVIEWED for name in TRAILERS} | {"co-authored-by": Act.MENTIONED}
LONGEST_LINE = 1 << 14
LINES_A_STEP = 5_000


def inspect(path: Path) -> None:
    """Look whether this is what the command prints.

    :raises FileRefused: it begins otherwise, or holds nothing
    """
    with _opened(path) as file:
        first = next((line for _, line in _lines(file) if line.strip()), "")
    if not first:
        raise FileRefused("The file is empty. Nothing was read.")
    if not _COMMIT.fullmatch(first):
        raise FileRefused("The first line is not what the command prints. Run the command that this page shows.")


def read(path: Path, options: dict[str, Any], door: Door) -> Iterator[int]:  # noqa: ARG001 - connectors share a shape
    """Stream the file through the door; yields how much of it is done, in bytes. A commit is a row of the receipt."""
    with _opened(path) as file:
        commit = None
        for number, line in _lines(file):
            try:
                if begun := _COMMIT.fullmatch(line):
                    _finish(commit, door)
                    commit = None
                    commit = _Commit(begun, door)
                elif line.strip():
                    _take(commit, line, door)
            except RowRefused as refusal:
                door.refuse(f"line {number}", str(refusal))
            if not number % LINES_A_STEP:
                yield file.buffer.tell()  # type: ignore[attr-defined]
        _finish(commit, door)


class _Commit:
    """The commit whose trailers are being read."""

    def __init__(self, begun: re.Match[str], door: Door):
        self.author, self.outcome = begun[2], LEFT_OUT
        if "@" not in self.author:
            raise RowRefused("The commit names no e-mail address of its author.")
        self.week = door.calendar.week_of_seconds(begun[1])


def _take(commit: _Commit | None, line: str, door: Door) -> None:
    """One trailer. Of a commit that cannot be read, none is."""
    trailer = _TRAILER.fullmatch(line.rstrip("\r\n"))
    act = _BY_TRAILER.get(trailer[1].lower()) if trailer else None
    if trailer is None or act is None:
        raise RowRefused("This is neither a commit nor a trailer that the command asks for.")
    address = _ADDRESS.search(trailer[2].strip())
    if address is None:
        raise RowRefused(f"The trailer {trailer[1].capitalize()} names no e-mail address.")
    if commit:
        other, author = address[1] or address[2], commit.author
        actor, target = (author, other) if act == Act.MENTIONED else (other, author)
        commit.outcome = max(commit.outcome, door.meet(actor, KINDS[act], target, commit.week))


def _finish(commit: _Commit | None, door: Door) -> None:
    if commit:
        door.rows[commit.outcome] += 1


def _opened(path: Path) -> IO[str]:
    # What is no UTF-8 is part of a name, and names are not read.
    return path.open(encoding="utf-8-sig", errors="replace", newline="\n")


def _lines(file: IO[str]) -> Iterator[tuple[int, str]]:
    """The lines, with their numbers; of one without end only the beginning."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        piece = line
        while not piece.endswith("\n") and (piece := file.readline(LONGEST_LINE)):
            pass
        yield number, line
