import pytest
from django.utils import timezone

from accounts.states import Role
from consent.domain.choices import Wish, take_part
from consent.models import OpenGrant
from scoring.domain.inboxes import open_inbox
from scoring.models import Inbox
from tests.browsing import client_for  # noqa: F401
from tests.conftest import scoring_wording
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory
from tests.scoring.inbox.signing import SECRET, WHSEC, headers_of


@pytest.fixture
def now():
    """The database's own clock decides which weeks are open."""
    return timezone.now()


@pytest.fixture
def source(in_acme):
    return SourceFactory()


@pytest.fixture
def steward(in_acme):
    return PersonFactory(roles=[Role.STEWARD])


@pytest.fixture
def ada(source, now):
    person = PersonFactory(email="ada@acme.example")
    take_part(person, wish=Wish((scoring_wording().pk,), (source.pk,), 4, is_of_age=True), at=now)
    return person


@pytest.fixture
def grant(ada):
    return OpenGrant.objects.get(person=ada)


@pytest.fixture
def open_for(source, steward, now):
    """Open the source's inbox for a service, with the secret that the tests sign with."""

    def make(service):
        secret = WHSEC if service in {"cloudevents", "activities"} else SECRET
        open_inbox(source, service=service, secret=secret, by=steward, at=now)
        return Inbox.objects.get(pk=source.pk)

    return make


@pytest.fixture
def send(client_for, source, now):  # noqa: F811
    """Deliver a body as the service would; returns the answer."""
    client = client_for()

    def deliver(service, raw, *, at=None, number="n1", event="", **changed):
        headers = headers_of(service, raw, at=at or now, number=number, event=event) | changed
        return client.post(f"/in/{source.pk}/", raw, content_type="application/json", headers=headers)

    return deliver
