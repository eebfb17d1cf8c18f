"""Making `.venv` from the hashed lock file, again only when that file has changed.

Runs on the system's own Python: standard library only.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PIP_OPTIONS = ("--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check", "--no-input", "--quiet")


def main(root: Path = ROOT) -> int:
    """Bring `.venv` to the state of the lock file and return the exit status."""
    folder, lock = root / ".venv", root / "requirements" / "dev.lock"
    with _one_at_a_time(root):
        stamp, wanted = folder / "installed", _state(folder, lock)
        if stamp.exists() and stamp.read_text() == wanted:
            return 0
        print(f"Installing the packages of {lock.relative_to(root)} into .venv (about half a minute) …", flush=True)
        stamp.unlink(missing_ok=True)  # until it is whole, it is not installed
        if not _is_usable(folder):
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, symlinks=True, with_pip=True)
        pip = subprocess.run([_python(folder), "-m", "pip", "install", *PIP_OPTIONS, "-r", lock], check=False)
        if pip.returncode:
            print(_ADVICE, file=sys.stderr)
            return 1
        _write(stamp, wanted)
    return 0


_ADVICE = """
The packages could not be installed; what pip said stands above. Nothing else was changed: mend it and run
the same command again. Without a way to the package index, set PIP_INDEX_URL or PIP_FIND_LINKS to a mirror."""


def _state(folder: Path, lock: Path) -> str:
    """What an installation depends on. The path too: a virtual environment cannot be moved."""
    parts = (str(folder), sys.version, hashlib.sha256(lock.read_bytes()).hexdigest())
    return "\n".join(parts)


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _is_usable(folder: Path) -> bool:
    """Whether it was made here, by this Python, and whole: moves, upgrades and interruptions leave it otherwise."""
    try:
        was_made_here = f" {folder}\n" in (folder / "pyvenv.cfg").read_text()
        question = [_python(folder), "-c", "import sys, pip; print(sys.version)"]
        answer = subprocess.run(question, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return was_made_here and answer.stdout.strip() == sys.version


@contextmanager
def _one_at_a_time(root: Path):
    # The folder itself is locked: two commands started at once need no file of their own to wait for each other.
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(stamp: Path, text: str) -> None:
    fresh = stamp.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(stamp)


if __name__ == "__main__":
    sys.exit(main())
