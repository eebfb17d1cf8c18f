"""What erasure takes from the tables of accounts and consent, in the order in which they hang on each other.

Together with scoring's own step these reach every table that the data map says to delete or blank, each exactly once
(tests/architecture/test_models.py).
"""

from django.core.cache import cache
from django.db import connection

from accounts.domain.sessions import end_sessions_of
from consent.domain.access_exports import forget_exports_of
from consent.domain.eraser import erase_rows
from consent.domain.residue import delete_files_naming
from consent.models import Erasure

USES = ("consent_datause", "consent_datauseperson")
CHOICES = (
    "consent_scoreshare", "consent_withdrawal", "consent_opengrant", "consent_participation", "consent_grant",
    "consent_choice", "consent_source", "consent_savedsearch", "consent_ledgerexport", "consent_accessexport",
    "audit_opening",
)  # fmt: skip
ACCOUNT = (
    "accounts_job", "account_emailconfirmation", "account_emailaddress", "accounts_roleheld", "accounts_teammember",
    "accounts_invitation", "accounts_person",
)  # fmt: skip


def erase_uses(erasure: Erasure) -> int:
    """Who looked, and where the person is named beside others."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_erase_mentions(%s)", [erasure.pk])
        (mentions,) = cursor.fetchone()
    return int(mentions) + erase_rows(erasure, USES)


def erase_choices(erasure: Erasure) -> int:
    """Files of their own data go first: once their rows are gone, nobody knows which they were."""
    return forget_exports_of(erasure.person) + erase_rows(erasure, CHOICES)


def erase_files(erasure: Erasure) -> int:
    """Exports and mails on disk that name the person."""
    return delete_files_naming(erasure)


def erase_account(erasure: Erasure) -> int:
    """Browsers, what is cached, and last of all the account, on which all else hangs."""
    ended = end_sessions_of(erasure.person)
    cache.clear()  # what is in it cannot be searched, and nobody needs it
    return ended + erase_rows(erasure, ACCOUNT)
