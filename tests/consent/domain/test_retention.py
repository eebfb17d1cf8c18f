"""What is too old goes, all of it and nothing else; what is held moves aside."""

from datetime import timedelta

import pytest
from django.db import Error, connection
from django.utils import timezone

from accounts.models import Invitation, Job
from consent.audit.models import Entry
from consent.domain import retention
from consent.domain.choices import leave
from consent.domain.data_map import data_map
from consent.models import Choice, Grant, Obligation, Withdrawal
from consent.states import ObligationKind
from tests.factories.accounts import JobFactory, PersonFactory

OLD = timezone.now() - timedelta(weeks=160)


def purge():
    retention.order_nightly(at=timezone.now())
    job = Job.objects.get(kind=retention.JOB_KIND)
    Job.objects.filter(pk=job.pk).update(state="running", attempts=1)
    job.refresh_from_db()
    retention.purge(job, at=timezone.now())


@pytest.mark.parametrize("kind", [kind for kind in data_map() if kind.keeps_for], ids=lambda kind: kind.table)
def test_what_is_kept_for_a_time_says_from_when(kind):
    assert kind.ages_by


def invitation(at, email):
    return Invitation.objects.create(email=email, token_digest=email, invited_at=at, expires_at=at, state="withdrawn")


@pytest.mark.usefixtures("in_acme")
def test_old_rows_go_and_young_ones_stay(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        invitation(OLD, f"old{number}@acme.example")
    young = invitation(timezone.now(), "young@acme.example")
    purge()
    assert list(Invitation.objects.all()) == [young]
    assert [e.payload["rows"] for e in Entry.objects.filter(event="consent.purged").order_by("pk")] == [2, 2, 1]


@pytest.mark.usefixtures("in_acme")
def test_purge_is_promised_and_the_promise_kept():
    purge()
    assert Obligation.objects.get(kind=ObligationKind.RETENTION_PURGE).outcome == "complete"


@pytest.mark.usefixtures("in_acme")
def test_purge_is_ordered_once_a_night():
    retention.order_nightly(at=timezone.now())
    retention.order_nightly(at=timezone.now())
    assert Job.objects.filter(kind=retention.JOB_KIND).count() == 1


def test_open_yes_never_grows_too_old_and_a_withdrawn_one_goes_with_all_of_it(alice, bob, owner_connection):
    owner_connection.execute("UPDATE acme.consent_grant SET granted_at = %s", [OLD])
    owner_connection.execute("UPDATE acme.consent_choice SET made_at = %s", [OLD])
    purge()
    assert (Grant.objects.count(), Choice.objects.count()) == (1, 1)
    leave(alice, at=timezone.now())
    for table, column in [("withdrawal", "withdrawn_at"), ("choice", "made_at")]:
        owner_connection.execute(f"UPDATE acme.consent_{table} SET {column} = %s", [OLD])
    Job.objects.all().delete()
    purge()
    Job.objects.all().delete()
    purge()
    assert (Withdrawal.objects.count(), Grant.objects.count(), Choice.objects.count()) == (0, 0, 0)


def test_app_cannot_purge_what_does_not_age(in_acme):
    PersonFactory()
    JobFactory()
    with connection.cursor() as cursor, pytest.raises(Error, match="do not grow too old"):
        cursor.execute("SELECT consent_purge('accounts_person', 100)")


@pytest.mark.usefixtures("in_acme")
def test_preview_names_what_tomorrow_takes():
    invitation(timezone.now() - timedelta(weeks=52) + timedelta(hours=3), "soon@acme.example")
    lines = {line.kind.table: line.expiring for line in retention.kept(at=timezone.now())}
    assert (lines["accounts_invitation"], lines["consent_choice"]) == (1, 0)
