"""What a machine must have before anything of Assent can start: all that is missing, at once, each with its fix.

Runs on the system's own Python, whatever its age, before `.venv` exists: standard library only, no new syntax.
"""

import importlib.util
import os
import platform
import pwd
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OLDEST_PYTHON = (3, 11)
BYTES_NEEDED = 1536 * 1024 * 1024  # .venv takes 600 MB, the demo's data 200 MB, the rest is air
MACHINES = ("x86_64", "amd64", "aarch64", "arm64", "armv7l")


class Missing:
    """One thing that is lacking, and how to get it on Debian and on macOS."""

    def __init__(self, what, debian, macos=None):
        self.what = what
        self.debian = debian
        self.macos = macos or debian

    @property
    def fix(self):
        return self.macos if sys.platform == "darwin" else self.debian


def missing(root=ROOT):
    """Return everything that is lacking here, empty when Assent can start."""
    checks = (_python, _venv, _make, _writable, _space, _account, _postgres)
    return [lack for check in checks for lack in [check(root)] if lack]


def _python(_root):
    if sys.version_info >= OLDEST_PYTHON:
        return None
    return Missing(
        f"Python 3.11 or later (this is {platform.python_version()})",
        "apt-get install python3.11, or name another one: make PYTHON3=/path/to/python3 demo",
        "brew install python@3.13",
    )


def _venv(_root):
    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return None
    return Missing("Python’s modules venv and ensurepip", "apt-get install python3-venv", "brew install python@3.13")


def _make(_root):
    if shutil.which("make"):
        return None
    return Missing("make", "apt-get install make", "xcode-select --install")


def _writable(root):
    if os.access(str(root), os.W_OK | os.X_OK):
        return None
    user = pwd.getpwuid(os.geteuid()).pw_name
    fix = f"Clone it to a folder of your own, or: chown -R {user} {root}"
    return Missing(f"the right to write to {root}", fix)


def _space(root):
    free = shutil.disk_usage(str(root)).free
    if free >= BYTES_NEEDED:
        return None
    needed, there = BYTES_NEEDED / 1e9, free / 1e9
    return Missing(
        f"{needed:.1f} GB of free space under {root} (there are {there:.1f})", "Free some, or clone elsewhere."
    )


def _account(_root):
    if os.geteuid() != 0 or shutil.which("useradd", path="/usr/sbin:/sbin:" + os.defpath) or _has_user("nobody"):
        return None
    return Missing("an account for PostgreSQL, which refuses to run as root", "Run as an ordinary user.")


def _has_user(name):
    return any(entry.pw_name == name for entry in pwd.getpwall())


def _postgres(_root):
    if os.environ.get("DATABASE_URL") or os.environ.get("PG_BIN_DIR") or _wheel_fits():
        return None
    return Missing(
        f"a PostgreSQL: none is packaged for this system ({platform.platform()})",
        "Set DATABASE_URL to a PostgreSQL 15 or later, or PG_BIN_DIR to the folder of its programs.",
    )


def _wheel_fits():
    """The wheel is built for these machines, on Linux against glibc."""
    has_libc = sys.platform == "darwin" or platform.libc_ver()[0] == "glibc"
    return platform.machine().lower() in MACHINES and has_libc


def main():
    """Print what is missing and return the exit status."""
    lacking = missing()
    if not lacking:
        return 0
    print("Assent cannot start yet. This machine lacks:", file=sys.stderr)
    for number, lack in enumerate(lacking, 1):
        print(f"\n  {number}. {lack.what}\n     {lack.fix}", file=sys.stderr)
    print("\nThen run the same command again.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
