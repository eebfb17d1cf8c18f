"""A company closes: approved by two, shut at once, exported, dropped, certified."""

import subprocess
import sys

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from accounts.domain.companies import NotPossible, reopen
from accounts.models import Job
from accounts.states import Role
from accounts.tenants.context import in_platform, in_public, in_schema
from accounts.tenants.domain.provisioning import provision
from accounts.tenants.models import Company
from consent.audit.models import Entry
from consent.audit.offline import verify
from consent.domain import closing, export_files
from consent.domain.approvals import execute, propose
from consent.domain.matters import Closing
from consent.models import LedgerExport, Obligation
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import decided, two_approvers


@pytest.fixture
def initech(committed):
    with transaction.atomic():
        provision(name="Initech", schema="initech", host="initech.localhost", time_zone="UTC", at=timezone.now())
    with in_public():
        return Company.objects.get(schema_name="initech")


@pytest.fixture
def approved(initech):
    with in_schema("initech"):
        owner, approvers = PersonFactory(roles=[Role.OWNER]), two_approvers()
        proposal = propose(Closing(name="Initech", reason="We move on."), by=owner, at=timezone.now())
        [decided(proposal, approver) for approver in approvers]
        execute(proposal, by=owner, at=timezone.now())
        return owner


def close():
    with in_platform():
        job = Job.objects.get(kind="close_company")
        Job.objects.filter(pk=job.pk).update(state="running", attempts=1)
        job.refresh_from_db()
        closing.close(job, clock=timezone.now)
        return job


def test_approved_company_is_shut_at_once_and_stays_shut(approved, initech, client_for):
    initech.refresh_from_db()
    assert (initech.is_suspended, initech.closing_at is None) == (True, False)
    with in_platform(), pytest.raises(NotPossible):
        reopen(initech, by=PersonFactory(roles=[Role.OPERATOR]), at=timezone.now())


def test_closed_company_leaves_its_export_its_certificate_and_nothing_else(approved, owner_connection):
    job = close()
    with in_public():
        assert not Company.objects.filter(schema_name="initech").exists()
    gone = owner_connection.execute("SELECT to_regnamespace('initech') IS NULL").fetchone()[0]
    role = "SELECT count(*) FROM pg_roles WHERE rolname = current_database() || '__initech'"
    assert (gone, owner_connection.execute(role).fetchone()[0]) == (True, 0)
    with in_platform():
        certificate = Entry.objects.get(event="consent.company_closed")
        assert certificate.payload["sha256"] == LedgerExport.objects.get().sha256
        assert Obligation.objects.get(kind="company_closure").outcome == "complete"
        verified = subprocess.run(
            [sys.executable, "-I", verify.__file__, str(export_files.path_of(job.pk))],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert verified.returncode == 3, verified.stdout + verified.stderr  # sound, but nobody gave a key of their own


def test_closing_that_died_before_dropping_is_taken_up_again(approved, monkeypatch):
    def die(*_arguments, **_words):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(closing, "_drop", die)
        with pytest.raises(RuntimeError):
            close()
    close()
    with in_public():
        assert not Company.objects.filter(schema_name="initech").exists()


@pytest.mark.parametrize(
    "attack",
    ["SELECT public.tenants_close('initech')", "SELECT public.tenants_close('platform')",
     "UPDATE public.tenants_company SET closing_at = now(), state = 'suspended'"],
)  # fmt: skip
def test_app_closes_no_company_that_did_not_approve_it(initech, attack):
    with in_public(), connection.cursor() as cursor, pytest.raises(Error):
        cursor.execute(attack)
