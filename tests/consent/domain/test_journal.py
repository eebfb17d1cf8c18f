"""The file outside the database: no line too few, whatever disk, crash or operator does to it."""

import resource
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.tenants.context import in_schema
from consent.domain import fence, journal, replay
from consent.domain.choices import leave
from consent.domain.journal_file import JournalBroken
from consent.models import Fence, JournalMark, Unjournaled
from tests.factories.accounts import PersonFactory


@pytest.fixture
def file(settings):
    return Path(settings.ERASURE_JOURNAL)


@contextmanager
def disk_with(spare, file):
    """A disk that has room for so many bytes more: the kernel then writes a part of what it is given."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + spare, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_line_of_which_the_disk_took_a_part_waits_in_the_database(alice, file):
    with disk_with(50, file):
        leave(alice, at=timezone.now())

    assert Unjournaled.objects.get().person == alice.pk
    assert list(journal.lines()) == []
    journal.catch_up()
    assert [line.person for line in journal.lines()] == [alice.pk]


def test_full_disk_does_not_keep_the_tick_from_comparing(alice, file):
    with disk_with(50, file):
        leave(alice, at=timezone.now())
        replay.watch(at=timezone.now())

    assert Unjournaled.objects.exists()


def test_acts_of_one_company_commit_in_the_order_of_their_lines(alice, bob):
    """Else a copy of the server's files could know the later one and not the earlier, which nothing would tell."""
    written, may_commit = threading.Event(), threading.Event()

    def slowly():
        with in_schema("acme"), transaction.atomic():
            journal.erased(alice.pk, at=timezone.now())
            written.set()
            may_commit.wait(10)
            transaction.set_rollback(True)
        connection.close()

    def at_once():
        with in_schema("acme"), transaction.atomic():
            journal.erased(bob.pk, at=timezone.now())
        connection.close()

    first, second = threading.Thread(target=slowly), threading.Thread(target=at_once)
    first.start()
    assert written.wait(10)
    second.start()
    second.join(0.5)
    assert [line.person for line in journal.lines()] == [alice.pk]
    may_commit.set()
    first.join(10)
    second.join(10)
    assert [line.person for line in journal.lines()] == [alice.pk, bob.pk]


def test_what_a_running_act_writes_is_no_sign_of_a_restore(alice):
    with transaction.atomic():
        journal.erased(alice.pk, at=timezone.now())
        fence.compare(at=timezone.now())
    fence.compare(at=timezone.now())

    assert not fence.is_fenced()


def test_line_whose_act_never_committed_is_done_again(alice):
    """A worker may be killed between the line and its commit: whoever pressed the button has left after all."""
    with transaction.atomic():
        journal.withdrawn(alice.pk, [("scoring", alice.open_grants.get().source_id)], at=timezone.now())
        transaction.set_rollback(True)
    fence.compare(at=timezone.now())

    assert Fence.objects.get().raised_at


def test_other_journal_in_the_place_of_ours_is_told_apart(alice, bob, file):
    leave(alice, at=timezone.now())
    ours = file.read_bytes()
    file.write_bytes(b"")
    journal.begin()
    file.write_bytes(file.read_bytes() + ours.replace(b"withdrawn", b"withdraws"))

    journal.erased(bob.pk, at=timezone.now())

    assert [waiting.person for waiting in Unjournaled.objects.all()] == [bob.pk]
    with pytest.raises(JournalBroken):
        list(journal.lines())
    file.write_bytes(ours)
    assert journal.catch_up() == 1
    assert [line.person for line in journal.lines()] == [alice.pk, bob.pk]


def test_lost_journal_is_not_begun_anew_by_whoever_leaves_next(alice, file):
    leave(PersonFactory(), at=timezone.now())
    fence.compare(at=timezone.now())
    file.unlink()

    leave(alice, at=timezone.now())

    assert not file.exists()
    assert Unjournaled.objects.get().person == alice.pk


def test_minute_reads_only_what_is_new(alice, file):
    leave(alice, at=timezone.now())
    fence.compare(at=timezone.now())
    known = JournalMark.objects.get().position
    with in_schema("globex"):
        journal.erased(alice.pk, at=timezone.now())
    fence.compare(at=timezone.now())

    assert known < JournalMark.objects.get().position == file.stat().st_size
    assert not fence.is_fenced()
