"""Who the server runs as. PostgreSQL refuses root, so root lends it an account that may nothing else."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "assent-postgres"


@dataclass(frozen=True)
class Account:
    """The user that owns the server's files and process."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def as_arguments(self) -> dict[str, object]:
        """Arguments of `subprocess.Popen` that start a program as this user."""
        return {} if self.is_ours else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make this user the owner of `path`, and nobody else able to enter it."""
        path.chmod(0o700)
        if not self.is_ours:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Ask as this user: modes of all parents, lists of access and mounts have a say."""
        return self._tests("-x", folder)

    def can_run(self, program: str) -> bool:
        return self._tests("-x", program)

    def _tests(self, flag: str, path: Path | str) -> bool:
        return (
            subprocess.run(["/usr/bin/env", "test", flag, path], check=False, cwd="/", **self.as_arguments()).returncode
            == 0
        )


def server_account() -> Account:
    """Ourselves; for root, an account of the server's own, made if the system lets us, else `nobody`."""
    if os.geteuid() != 0:
        return _account(pwd.getpwuid(os.geteuid()))
    if not _exists(NAME) and (useradd := shutil.which("useradd", path="/usr/sbin:/sbin:" + os.defpath)):
        subprocess.run(
            [
                useradd,
                "--system",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                "/usr/sbin/nologin",
                NAME,
            ],
            check=False,
            capture_output=True,
        )
    return _account(pwd.getpwnam(NAME if _exists(NAME) else "nobody"))


def _exists(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
