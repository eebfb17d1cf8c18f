"""Back up the whole database, with a manifest; delete what is older than the horizon. Needs DATABASE_ADMIN_URL."""

from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from accounts.tenants.domain.backups import BackupRefused
from accounts.tenants.domain.blueprint import NoPgDump
from config.backups import files
from config.backups.progress import telling
from config.backups.where import database


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--base", action="store_true", help="copy the server’s own files instead (pg_basebackup)")

    def handle(self, *args, **options):
        try:
            self.back_up(base=options["base"])
        except (BackupRefused, NoPgDump) as refusal:
            raise CommandError(str(refusal)) from None

    def back_up(self, *, base: bool) -> None:
        here, at = database(), timezone.now()
        here.refuse_unfit_login()
        part = files.unfinished(at)
        with telling() as tell:
            if base:
                target = part.with_name(f"assent-{at:%Y%m%dT%H%M%SZ}.base")
                here.base_backup(target, tell)
                self.stdout.write(f"{target} holds the server’s files. Delete it within the horizon yourself.")
                return
            journal = Path(settings.ERASURE_JOURNAL)
            known = journal.stat().st_size if journal.exists() else 0
            try:
                here.dump(part, tell)
                manifest = files.keep(
                    part,
                    at=at,
                    database=here.name,
                    schemas=here.schemas(),
                    fingerprint=here.fingerprint(),
                    journal=known,
                )
            finally:
                part.unlink(missing_ok=True)
        gone = files.remove_old(at=at)
        self.stdout.write(f"{manifest.bytes:,} bytes, {len(manifest.schemas)} companies:")
        self.stdout.write(str(files.folder() / manifest.file))
        self.stdout.write(f"{len(gone)} backups older than {settings.BACKUPS_KEPT_FOR_DAYS} days are deleted.")
