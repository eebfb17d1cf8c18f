"""What two people, or two workers, do in the same moment."""

import threading

import pytest
from django.db import connection

from accounts.domain import jobs
from accounts.domain.invitations import InvitationOver, InvitationRefused, InvitedMeanwhile, accept_invitation, invite
from accounts.domain.roles import LastOwner, take_role
from accounts.models import Invitation, Job, Person, RoleHeld
from accounts.states import InvitationState, Role
from accounts.tenants.context import in_schema
from tests.factories.accounts import JobFactory, PersonFactory


@pytest.fixture
def race(committed):
    """Run acts at once, each on a connection of its own; return what each came to."""

    def run(*acts):
        barrier, outcomes = threading.Barrier(len(acts)), []

        def act_in_acme(act):
            with in_schema("acme"):
                Person.objects.exists()  # be connected before the start
                barrier.wait()
                outcomes.append(_outcome(act))
            connection.close()

        threads = [threading.Thread(target=act_in_acme, args=[act]) for act in acts]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        return outcomes

    with in_schema("acme"):
        yield run


def _outcome(act):
    try:
        act()
    except Exception as refusal:  # noqa: BLE001 - the test looks at its kind
        return type(refusal)
    return "done"


def test_two_owners_who_take_each_others_role_leave_one(race, now):
    first, second = (PersonFactory(roles=[Role.OWNER]) for _ in range(2))

    outcomes = race(
        lambda: take_role(second, role=Role.OWNER, by=first, at=now),
        lambda: take_role(first, role=Role.OWNER, by=second, at=now),
    )

    assert {*outcomes} == {"done", LastOwner}
    assert RoleHeld.objects.filter(role=Role.OWNER).count() == 1


def test_two_workers_that_lease_one_job_are_one(race, now):
    job = JobFactory()

    outcomes = race(*[lambda: jobs.lease(job.pk, at=now)] * 2)

    assert outcomes.count("done") == 1
    assert Job.objects.get().attempts == 1


def test_two_who_invite_one_address_leave_one_open_link(race, now):
    owner = PersonFactory(roles=[Role.OWNER])

    outcomes = race(*[lambda: invite("nora@acme.example", roles=[], by=owner, at=now, link_base="http://x")] * 2)

    assert {*outcomes} <= {"done", InvitedMeanwhile, InvitationOver}
    assert Invitation.objects.filter(state=InvitationState.OPEN).count() == 1


def test_two_clicks_on_one_link_make_one_member(race, now, monkeypatch):
    monkeypatch.setattr("secrets.token_urlsafe", lambda size: "x" * size)
    invite("nora@acme.example", roles=[], by=None, at=now, link_base="http://x")

    outcomes = race(*[lambda: accept_invitation("x" * 32, name="Nora", password="y" * 20, at=now)] * 2)

    assert outcomes.count("done") == 1
    assert {*outcomes} <= {"done", InvitationOver, InvitationRefused}
    assert Person.objects.filter(email="nora@acme.example").count() == 1
