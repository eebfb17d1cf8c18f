"""Back up the whole database, with a manifest; delete what is older than the horizon. Needs DATABASE_ADMIN_URL."""

from datetime import datetime

from django.conf import settings
from django.core.management import BaseCommand
from django.utils import timezone

from accounts.tenants.domain.backups import horizon
from config.backups import files
from config.backups.database import Database
from config.backups.progress import telling
from config.backups.refusing import in_words
from config.backups.where import database
from consent.domain import journal_file


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--base", action="store_true", help="copy the server’s own files instead (pg_basebackup)")

    def handle(self, *args, **options):
        with in_words():
            here, at = database(), timezone.now()
            here.refuse_unfit_login()
            self.stdout.write(self.base(here, at) if options["base"] else self.dump(here, at))
            gone = [*files.remove_old(at=at), *here.drop_put_aside(before=horizon(at=at))]
            self.stdout.write(f"{len(gone)} copies older than {settings.BACKUPS_KEPT_FOR_DAYS} days are deleted.")

    def dump(self, here: Database, at: datetime) -> str:
        part = files.unfinished("dump", at=at)
        # Both before: who leaves, and which companies are there, while it goes on must not be taken for known.
        known, schemas = journal_file.size(), here.schemas()
        try:
            with telling() as tell:
                here.dump(part, tell)
            schemas += [schema for schema in here.schemas() if schema not in schemas]
            manifest = files.keep(
                part, at=at, database=here.name, schemas=schemas, fingerprint=here.fingerprint(), journal=known
            )
        finally:
            files.remove(part)
        return f"{manifest.bytes:,} bytes, {len(manifest.schemas)} companies:\n{files.folder() / manifest.file}"

    def base(self, here: Database, at: datetime) -> str:
        part = files.unfinished("base", at=at)
        try:
            with telling() as tell:
                here.base_backup(part, tell)
            part.replace(part.with_suffix(""))
        finally:
            files.remove(part)
        return f"The server’s files, all of its databases included:\n{part.with_suffix('')}"
