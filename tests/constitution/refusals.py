"""Expecting PostgreSQL to refuse, by the name of what was broken."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction


@contextmanager
def refused(reason: str):
    """Run the block in a savepoint, and go on after its refusal."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    assert refusal.value.__cause__.diag.constraint_name == reason, refusal.value


def tried(act, *arguments, **named) -> bool:
    """Whether PostgreSQL let it happen."""
    try:
        with transaction.atomic():
            act(*arguments, **named)
    except DatabaseError:
        return False
    return True


def aged(owner_connection, proposal, hours):
    """Let hours pass for a proposal, as only the owner of the database could."""
    owner_connection.execute(
        "UPDATE acme.consent_proposal SET opened_at = opened_at - %(by)s, expires_at = expires_at - %(by)s,"
        " execute_before = execute_before - %(by)s WHERE id = %(id)s",
        {"by": timedelta(hours=hours), "id": proposal.pk},
    )
