"""Restore a backup: loaded beside the database, then put in its place. Nobody's data is read until the journal of those
who left has been replayed, which this does at the end. Needs DATABASE_ADMIN_URL.
"""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand
from django.db import connections
from django.utils import timezone

from accounts.tenants.domain.backups import BackupRefused, name_put_aside
from config.backups import files
from config.backups.database import Database
from config.backups.progress import telling
from config.backups.refusing import in_words
from config.backups.where import database


class Command(BaseCommand):
    help = " ".join((__doc__ or "").split())
    requires_system_checks = []  # there may be no database yet

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the dump; its manifest stands beside it")
        parser.add_argument("--replace", action="store_true", help="although the database holds companies")

    def handle(self, *args, **options):
        with in_words():
            here = database()
            here.refuse_unfit_login()
            manifest = self.fitting(options["file"], here, replace=options["replace"])
            kept_as = self.swap(options["file"], here, manifest)
            self.stdout.write(f"The backup of {manifest.made_at} is in place, fenced off from reading.")
            self.stdout.write(f"What was there, if anything, is now {kept_as}, closed to everybody.")
            self.bring_up_to_date()
            self.stdout.write(
                f"Drop {kept_as} when all is well: “manage.py backup” does it after"
                f" {settings.BACKUPS_KEPT_FOR_DAYS} days."
            )

    def fitting(self, file: Path, here: Database, *, replace: bool) -> files.Manifest:
        manifest = files.read(file)
        if manifest.database != here.name:
            raise BackupRefused(
                f"This is a backup of the database “{manifest.database}”, and roles carry its name: restore it under"
                f" that name, not as “{here.name}”."
            )
        if here.has_companies() and not replace:
            raise BackupRefused("The database holds companies. Add --replace to put the backup in their place.")
        return manifest

    def swap(self, file: Path, here: Database, manifest: files.Manifest) -> str:
        app, kept_as = settings.DATABASE_APP_ROLE, name_put_aside(here.name, at=timezone.now())
        with telling() as tell:
            beside = here.load_beside(file, manifest.schemas, f"{here.name}_owner", app, tell)
        connections.close_all()
        here.take_place(beside, app, kept_as)
        return kept_as

    def bring_up_to_date(self) -> None:
        """In processes of their own: as the owner, who migrates and grants, then as the app, who replays."""
        if os.environ.get("DATABASE_OWNER_URL"):
            self.manage("migrate_companies", "It could not be migrated", ASSENT_AS="owner")
        else:
            self.stdout.write("If it is of another release, run “manage.py migrate_companies” as the owner.")
        self.manage("replay_journal", "The journal could not be replayed", ASSENT_AS="app")

    def manage(self, command: str, refusal: str, **environment: str) -> None:
        arguments = [sys.executable, str(settings.BASE_DIR / "manage.py"), command]
        if subprocess.run(arguments, env=os.environ | environment, check=False).returncode:
            raise BackupRefused(
                f"{refusal}: see above. Until it is, nobody’s data is read. Mend that, then run"
                f" “manage.py {command}”{' and “manage.py replay_journal”' * (command != 'replay_journal')}."
            )
