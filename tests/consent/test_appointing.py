"""The way out where too few are left to decide: the owner of the database's, on the record, and nobody else's."""

import os
import subprocess
import sys

import pytest
from django.db import ProgrammingError, transaction

from accounts.models import RoleHeld
from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.audit.models import Entry
from consent.domain.founding import appoint_from_outside, is_founded
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import two_approvers


@pytest.fixture
def stuck(committed):
    """A founded company with one approver left, and somebody who could be the second."""
    with in_schema("acme"):
        _, gone = two_approvers()
        RoleHeld.objects.filter(person=gone).delete()
        yield PersonFactory(email="ada@acme.example")


def appoint(email):
    return subprocess.run(
        [sys.executable, "manage.py", "appoint_approver", "acme", email],
        env={**os.environ, "ASSENT_AS": "owner"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_owner_of_the_database_appoints_one_and_the_ledger_says_so(stuck):
    done = appoint("ada@acme.example")
    assert done.returncode == 0, done.stderr
    assert stuck.role_names() == {Role.APPROVER}
    assert Entry.objects.get(event="consent.approver_appointed_from_outside").about == stuck.pk


def test_rule_stands_again_afterwards(stuck):
    appoint("ada@acme.example")
    refused = appoint("ada@acme.example")
    assert "Two approvers are left in this company" in refused.stderr
    with pytest.raises(Exception, match="given by two others"), transaction.atomic():
        PersonFactory(roles=[Role.APPROVER])


def test_app_cannot_do_it(stuck, now):
    assert is_founded()
    with pytest.raises(ProgrammingError, match="must be owner"), transaction.atomic():
        appoint_from_outside(stuck, at=now)


def test_unknown_person_is_named(stuck):
    assert "Nobody with the address" in appoint("nobody@acme.example").stderr
