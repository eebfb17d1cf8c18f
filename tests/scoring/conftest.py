from datetime import date

import pytest

from accounts.states import Role
from consent.models import OpenGrant
from scoring.domain.disputes import open_dispute
from scoring.models import WeekCount
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory

MONDAY, MONDAY_BEFORE = date(2026, 11, 16), date(2026, 11, 9)


@pytest.fixture
def db(committed):
    """Looks are put on record by another connection, which must see the people: what these tests write is committed."""


@pytest.fixture
def steward(in_acme):
    return PersonFactory(name="Stan Stein", email="stan@acme.example", roles=[Role.STEWARD])


@pytest.fixture
def counts(alice):
    """Two kinds in one week, and one of them in the week before."""
    grant = OpenGrant.objects.get(person=alice)
    for kind, week, colleagues in ((1, MONDAY, 7), (3, MONDAY, 4), (1, MONDAY_BEFORE, 9)):
        everyones(WeekCount).create(person=alice, grant=grant, kind=kind, week=week, colleagues=colleagues)


@pytest.fixture
def said(alice, counts, now):
    return open_dispute(alice, text="I was on leave.", is_left_out=False, at=now, week=MONDAY, kind=1)


@pytest.fixture
def bounds_put_back(owner_connection):
    """Bounds outlive a test, as models do: put back those that every company begins with."""
    yield
    owner_connection.execute("DELETE FROM acme.scoring_driftbounds WHERE set_by IS NOT NULL")
