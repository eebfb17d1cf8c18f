"""The database holds what the states promise, whatever the code does."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Invitation, Person
from accounts.states import InvitationState, JobState
from tests.factories.accounts import JobFactory

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.mark.parametrize(
    ("state", "is_over"),
    [
        (JobState.QUEUED, False),
        (JobState.RUNNING, False),
        (JobState.DONE, True),
        (JobState.FAILED, True),
        (JobState.CANCELLED, True),
    ],
)
def test_job_has_an_end_exactly_when_it_is_over(now, state, is_over):
    with pytest.raises(IntegrityError, match="job_over_has_instant"), transaction.atomic():
        JobFactory(state=state, finished_at=None if is_over else now)


def test_address_has_one_open_invitation(now):
    given = {"email": "nora@acme.example", "invited_at": now, "expires_at": now}
    Invitation.objects.create(**given, token_digest="a")
    Invitation.objects.create(**given, token_digest="b", state=InvitationState.WITHDRAWN)

    with pytest.raises(IntegrityError, match="invitation_open_once"), transaction.atomic():
        Invitation.objects.create(**given, token_digest="c")


def test_accepted_invitation_names_instant_and_person(now):
    with pytest.raises(IntegrityError, match="invitation_accepted"), transaction.atomic():
        Invitation.objects.create(
            email="nora@acme.example",
            invited_at=now,
            expires_at=now,
            token_digest="a",
            state=InvitationState.ACCEPTED,
        )


def test_addresses_of_people_are_in_small_letters(now):
    with pytest.raises(IntegrityError, match="person_email_small"), transaction.atomic():
        Person.objects.create(email="Nora@acme.example", name="Nora", joined_at=now)
