"""One command at a time holds the installation, so that two do not fight over its server."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def hold(path: Path, what: str) -> Iterator[None]:
    """Hold the file at `path` for the block. The kernel lets go of it however we end.

    :raises Held: another command holds it
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held(_holder(file)) from None
        _sign(file, f"{what} (process {os.getpid()})")
        yield
        _sign(file, "")


def _sign(file, text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


def _holder(file) -> str:
    file.seek(0)
    return file.read() or "another command"


class Held(RuntimeError):
    """Another command runs on this installation; the text names it."""
