import pytest

from accounts.states import Role
from consent.audit.offline import witness as tool
from tests.browsing import client_for  # noqa: F401
from tests.factories.accounts import PersonFactory


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", roles=[Role.OFFICER])


@pytest.fixture
def path(tmp_path):
    tool.init(tmp_path / "witness.json", type("Options", (), {"name": "witness.example/audit"}))
    return tmp_path / "witness.json"
