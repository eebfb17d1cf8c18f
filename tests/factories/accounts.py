import factory
from django.utils import timezone

from accounts.models import Person


class PersonFactory(factory.django.DjangoModelFactory):
    """Someone of the company that the test stands in, with the password `correct horse battery`."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@acme.example")
    joined_at = factory.LazyFunction(timezone.now)
