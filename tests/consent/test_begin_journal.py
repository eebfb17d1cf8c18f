"""When the journal is lost for good."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.tenants.context import in_schema
from consent.domain import fence, journal
from consent.domain.choices import leave
from consent.domain.erasing import request_erasure


def begin(*options):
    call_command("begin_journal", *options)


@pytest.fixture
def lost(alice, bob, settings):
    """Alice withdrew and Bob was erased; the journal knew of it, and is gone."""
    leave(alice, at=timezone.now())
    request_erasure(bob, by=bob, at=timezone.now())
    Path(settings.ERASURE_JOURNAL).unlink()


def test_whole_journal_is_not_begun_anew(alice):
    leave(alice, at=timezone.now())

    with pytest.raises(CommandError, match="is the right one"):
        begin()


@pytest.mark.usefixtures("lost")
def test_new_journal_has_all_that_the_database_knows(alice, bob):
    begin()

    with in_schema("acme"):
        assert {(line.act, line.person) for line in journal.lines()} == {("withdrawn", alice.pk), ("erased", bob.pk)}
        assert fence.trouble() == ""


@pytest.mark.usefixtures("lost")
def test_restored_database_begins_none_unless_somebody_knows_that_nobody_left(owner_connection):
    owner_connection.execute("UPDATE acme.consent_fence SET raised_at = now()")

    with pytest.raises(CommandError, match="acme: this database was restored"):
        begin()
    begin("--nobody-left-since")
