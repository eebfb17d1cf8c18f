"""Somebody with something of everything, and the eraser."""

import uuid

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.domain import job_runs
from accounts.models import Invitation, Job, Team, TeamMember
from accounts.states import JobState, Role
from consent.domain.erasing import request_erasure
from consent.models import OpenGrant, SavedSearch
from scoring.models import WeekCount
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory


@pytest.fixture
def ada(in_acme, slack, now, alice):
    """Alice Archer, under another roof: takes part, has counts, a team, a search, a second address and a session."""
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    EmailAddress.objects.create(user=alice, email="a.archer@home.example", verified=False, primary=False)
    TeamMember.objects.create(person=alice, team=Team.objects.create(name="Bakers", made_at=now))
    SavedSearch.objects.create(person=alice, name="Mine", query=f"about:{alice.pk}", saved_at=now)
    Invitation.objects.create(
        email=alice.email, token_digest="x", invited_at=now, expires_at=now, state="accepted",
        accepted_at=now, accepted_by=alice.pk, invited_by=uuid.uuid4(),
    )  # fmt: skip
    grant = OpenGrant.objects.get(person=alice)
    everyones(WeekCount).create(person=alice, grant=grant, kind=1, week="2026-11-16", colleagues=3)
    session = SessionStore()
    session["_auth_user_id"] = str(alice.pk)
    session.create()
    return alice


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", email="ottilie@acme.example", roles=[Role.OFFICER])


@pytest.fixture
def ask(now):
    """Ask for the erasure of somebody, by themselves if nobody else is named."""

    def request(person, **more):
        return request_erasure(person, **{"by": person, "at": timezone.now(), **more})

    return request


@pytest.fixture
def run_eraser():
    """What the worker does with the job that waits."""

    def run():
        job = Job.objects.filter(kind="erase_people", state=JobState.QUEUED).first()
        job_runs.run(job.pk, clock=timezone.now)
        job.refresh_from_db()
        return job

    return run


@pytest.fixture
def erased(ada, ask, run_eraser):
    asked = ask(ada)
    run_eraser()
    asked.erasure.refresh_from_db()
    return asked
