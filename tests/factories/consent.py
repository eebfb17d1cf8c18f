import uuid

import factory
from django.utils import timezone

from consent.models import Source
from consent.states import SourceKind


class SourceFactory(factory.django.DjangoModelFactory):
    """A source in use."""

    class Meta:
        model = Source

    name = factory.Sequence(lambda n: f"Source {n}")
    kind = SourceKind.CSV
    description = "Made for a test."
    created_at = factory.LazyFunction(timezone.now)
    created_by = factory.LazyFunction(uuid.uuid4)
