import uuid

import factory
from django.utils import timezone

from accounts.models import Person
from consent.domain.obligations import open_obligation
from consent.models import Obligation, Source
from consent.states import ObligationKind, SourceKind
from tests.factories.accounts import PersonFactory


class SourceFactory(factory.django.DjangoModelFactory):
    """A source in use."""

    class Meta:
        model = Source

    name = factory.Sequence(lambda n: f"Source {n}")
    kind = SourceKind.CSV
    description = "Made for a test."
    created_at = factory.LazyFunction(timezone.now)
    created_by = factory.LazyFunction(uuid.uuid4)


def promised(kind: ObligationKind, person: Person | None = None) -> Obligation:
    """Something owed to somebody."""
    person = person or PersonFactory()
    return open_obligation(kind, person=person.pk, by=person, at=timezone.now())
