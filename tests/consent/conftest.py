"""A founded company: an owner, an officer who writes, and three who can decide on a wording."""

from types import SimpleNamespace

import pytest

from accounts.states import Role
from tests.factories.accounts import PersonFactory


@pytest.fixture
def founded(in_acme):
    """Omar owns, Ottilie writes, Stella, Piet and Paula decide."""
    return SimpleNamespace(
        omar=PersonFactory(name="Omar Osman", email="omar@acme.example", roles=[Role.OWNER]),
        ottilie=PersonFactory(name="Ottilie Olsen", email="ottilie@acme.example", roles=[Role.OFFICER]),
        stella=PersonFactory(name="Stella Stone", email="stone@acme.example", roles=[Role.STEWARD]),
        piet=PersonFactory(name="Piet Peters", email="piet@acme.example", roles=[Role.APPROVER], can_sign_in=True),
        paula=PersonFactory(name="Paula Park", email="paula@acme.example", roles=[Role.APPROVER]),
    )


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Slow digests are for attackers; here they would take half of the time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
