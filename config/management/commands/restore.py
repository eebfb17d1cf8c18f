"""Restore a backup: loaded beside the database, then put in its place. Nobody's data is read until the journal of those
who left has been replayed, which this does at the end. Needs DATABASE_ADMIN_URL.
"""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from accounts.tenants.domain.backups import BackupRefused
from accounts.tenants.domain.blueprint import NoPgDump
from config.backups import files
from config.backups.progress import telling
from config.backups.where import database


class Command(BaseCommand):
    help = " ".join((__doc__ or "").split())
    requires_system_checks = []  # there may be no database yet

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the dump; its manifest stands beside it")
        parser.add_argument("--replace", action="store_true", help="although the database holds companies")

    def handle(self, *args, **options):
        try:
            self.restore(options["file"], replace=options["replace"])
        except (BackupRefused, NoPgDump) as refusal:
            raise CommandError(str(refusal)) from None

    def restore(self, file: Path, *, replace: bool) -> None:
        here = database()
        here.refuse_unfit_login()
        manifest = files.read(file)
        if manifest.database != here.name:
            raise BackupRefused(
                f"This is a backup of the database “{manifest.database}”, and roles carry its name: restore it under"
                f" that name, not as “{here.name}”."
            )
        if here.has_companies() and not replace:
            raise BackupRefused("The database holds companies. Add --replace to put the backup in their place.")
        app, owner = settings.DATABASE_APP_ROLE, f"{here.name}_owner"
        kept_as = f"{here.name}_before_{timezone.now():%Y%m%d%H%M%S}"
        with telling() as tell:
            beside = here.load_beside(file, manifest.schemas, owner, app, tell)
            connections.close_all()
            here.take_place(beside, app, kept_as)
        self.stdout.write(f"The backup of {manifest.made_at} is in place, fenced off. What was there is now {kept_as}.")
        self.replay()
        self.stdout.write(f"Drop {kept_as} when all is well, and before the horizon of backups ends.")

    def replay(self) -> None:
        """As the app, in a process of its own: this one may be the owner."""
        environment = {name: value for name, value in os.environ.items() if name != "ASSENT_AS"}
        command = [sys.executable, "manage.py", "replay_journal"]
        done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=False)
        if done.returncode:
            raise BackupRefused("The fence stays up: the journal could not be replayed. See above, then try again.")
