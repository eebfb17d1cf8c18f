"""What may go wrong with a backup, as a sentence and never as a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import CommandError
from django.db import Error

from accounts.tenants.domain.backups import BackupRefused
from accounts.tenants.domain.blueprint import NoPgDump


@contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except (BackupRefused, NoPgDump) as refusal:
        raise CommandError(str(refusal)) from None
    except (psycopg.Error, Error) as error:
        raise CommandError(f"PostgreSQL refused: {str(error).strip().partition(chr(10))[0]}") from None
    except OSError as error:
        raise CommandError(f"{error.strerror}: {error.filename or 'the disk'}. Nothing was kept of it.") from None
