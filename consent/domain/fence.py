"""The fence: nothing is read where this database may have forgotten somebody who left (ADR 18).

PostgreSQL sees by itself that data was moved, or that the server was started (consent/sql/fence.sql). After a mere
start it is enough that the journal knows nothing more than the database; whoever reads first compares them. Where it
does know more, the fence is raised until the journal was replayed (replay.py).
"""

import logging
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction

from consent.domain import journal
from consent.domain.journal_file import JournalBroken

logger = logging.getLogger(__name__)

# Whoever leaves just now holds the mark; nobody waits longer for them than this.
PATIENCE = "SET LOCAL lock_timeout = '2s'"


def settle() -> None:
    """Mark the place of a company that was just made."""
    journal.begin()
    journal.settle()
    _call("SELECT consent_settle()")


def is_fenced(*, using: str = DEFAULT_DB_ALIAS) -> bool:
    return bool(_call("SELECT consent_is_fenced()", using=using))


def is_merely_restarted(*, using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether nothing but a start of the server keeps it shut."""
    return bool(_call("SELECT consent_is_restarted()", using=using))


def compare(*, at: datetime | None = None, using: str = DEFAULT_DB_ALIAS) -> None:  # noqa: ARG001 - the start hands it to all
    """Raise the fence where the journal knows of somebody leaving of whom this database does not; else let reading go
    on, if only a start of the server had stopped it.

    A broken journal says nothing about the database. What is read goes on being read, what is shut stays shut.
    """
    try:
        with transaction.atomic(using=using):
            _call(PATIENCE, using=using)
            if journal.is_ahead(using=using):
                _call("SELECT consent_raise_fence()", using=using)
            elif is_merely_restarted(using=using):
                _call("SELECT consent_go_on()", using=using)
    except (OSError, OperationalError, JournalBroken) as trouble:
        logger.error("The journal of those who left could not be compared: %s.", type(trouble).__name__)  # noqa: TRY400


def goes_on(*, using: str) -> bool:
    """Whether whoever was just refused may read after all: the server was started, and the journal knows nothing more.

    :param using: a connection that stands in the company and commits by itself
    """
    if not is_merely_restarted(using=using):
        return False
    compare(using=using)
    return not is_fenced(using=using)


def trouble() -> str:
    """What is wrong with the journal, as far as a moment's look can tell; empty when nothing is."""
    try:
        journal.refuse_other()
    except (OSError, JournalBroken) as broken:
        return str(broken)
    return ""


def what_to_do() -> str:
    """What the operator should do about the journal; empty when all is well."""
    waiting = journal.waiting()
    if waiting and not trouble():
        return (
            f"{waiting} lines wait in the database because the file could not be written, and a restore would forget"
            " them. Make room on its disk, or let web and worker write to it; they are written within a minute then."
        )
    return trouble()


def _call(statement: str, *, using: str = DEFAULT_DB_ALIAS) -> object:
    with connections[using].cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None
