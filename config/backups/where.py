"""Which database is backed up, and as whom."""

import os

from django.db import connection

from accounts.tenants.domain.backups import BackupRefused
from config.backups.database import Database


def database() -> Database:
    """The database of the settings, reached by a superuser.

    :raises BackupRefused: DATABASE_ADMIN_URL is not set
    """
    admin_url = os.environ.get("DATABASE_ADMIN_URL", "")
    if not admin_url:
        raise BackupRefused(
            "Set DATABASE_ADMIN_URL to a superuser’s address of the server, as for `make roles`: row security hides"
            " rows from every other login."
        )
    return Database(admin_url, str(connection.settings_dict["NAME"]))
