"""Each attack fails because of the guard we think of: with that one guard taken away, the very same attack succeeds.

All in a transaction that is rolled back. A guard that nothing hangs on, or an attack that fails for another reason, shows.
"""

from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from accounts.models import RoleHeld
from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.audit.domain.sealing import seal
from consent.domain.choices import Wish, take_part
from consent.models import OpenGrant, Proposal
from scoring.models import WeekCount
from tests import postgres
from tests.conftest import scoring_wording
from tests.constitution.guards import APP, GUARDS
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import opened, two_approvers, wording
from tests.factories.consent import SourceFactory


@pytest.fixture
def ada(in_acme, now):
    """Takes part, and one number is kept of her."""
    person = PersonFactory()
    wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(SourceFactory().pk,), is_of_age=True)
    take_part(person, wish=wish, at=now)
    grant = OpenGrant.objects.get(person=person)
    everyones(WeekCount).create(person=person, grant=grant, kind=1, week="2026-11-16", colleagues=3)
    seal(at=now)
    PersonFactory(roles=[Role.OFFICER])
    two_approvers()
    opened("purpose_version", wording(), author=person)
    with in_schema("globex"):
        take_part(PersonFactory(), wish=Wish((scoring_wording().pk,), (SourceFactory().pk,), is_of_age=True), at=now)
    return person


@pytest.fixture
def server(ada):
    """The server's own administrator, in acme, who alone can take guards away; nothing of it is committed."""
    link = psycopg.connect(postgres.SERVER_URL, dbname=connection.settings_dict["NAME"])
    link.execute("SET search_path = acme")
    link.commit()
    yield link
    link.rollback()
    link.close()


def attempt(link, role: str, attack: str, names: dict[str, object]) -> int:
    """Attack as this role, which the app enters from its login; return how many rows it touched or saw."""
    if role == APP:
        link.execute('SET LOCAL SESSION AUTHORIZATION "{login}"'.format(**names))
    link.execute(f'SET LOCAL ROLE "{role.format(**names)}"')
    cursor = link.execute(attack.format(**names))
    while cursor.nextset():
        pass
    touched = cursor.rowcount
    link.execute("RESET ROLE; RESET SESSION AUTHORIZATION")
    return touched


def take_away(link, guard: str, names: dict[str, object]) -> None:
    """Run SQL, or `function: this -> that` for a condition inside of a function."""
    function, arrow, change = guard.partition(": ")
    if not arrow or " " in function:
        link.execute(guard.format(**names))
        return
    condition, _, instead = change.partition(" -> ")
    [(source,)] = link.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s AND pronamespace = 'acme'::regnamespace",
        [function],
    )
    assert condition in source
    link.execute(source.replace(condition, instead))


def proposal_of(author) -> dict[str, object]:
    proposal = Proposal.objects.get(author=author.pk)
    approver = RoleHeld.objects.filter(role="approver").first()
    officer = RoleHeld.objects.get(role="officer")
    return {
        "proposal": proposal.pk,
        "digest": proposal.digest,
        "approver": approver.person_id,
        "officer": officer.person_id,
        "thing": uuid4(),
    }


@pytest.mark.parametrize(("role", "attack", "guard"), GUARDS.values(), ids=GUARDS)
def test_attack_fails_with_its_guard_and_succeeds_without(server, ada, role, attack, guard):
    names = {"database": server.info.dbname, "login": settings.DATABASE_APP_ROLE, "person": ada.pk} | proposal_of(ada)
    with pytest.raises(psycopg.Error), server.transaction():
        attempt(server, role, attack, names)
    with server.transaction(force_rollback=True):
        take_away(server, guard, names)
        assert attempt(server, role, attack, names) > 0
    with pytest.raises(psycopg.Error), server.transaction():
        attempt(server, role, attack, names)
