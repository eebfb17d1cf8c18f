import factory
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import Job, Person, RoleHeld, Team

PASSWORD = "correct horse battery"


class PersonFactory(factory.django.DjangoModelFactory):
    """Someone of the company that the test stands in."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@acme.example")
    joined_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def roles(self, create, extracted, **kwargs):  # noqa: ARG002 - the signature is the library's
        """`PersonFactory(roles=[Role.OWNER])`"""
        for role in extracted or ():
            RoleHeld.objects.create(person=self, role=role, given_at=self.joined_at)

    @factory.post_generation
    def can_sign_in(self, create, extracted, **kwargs):  # noqa: ARG002 - the same
        """`PersonFactory(can_sign_in=True)`: with PASSWORD and a verified address."""
        if extracted:
            self.set_password(PASSWORD)
            self.save(update_fields=["password"])
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class TeamFactory(factory.django.DjangoModelFactory):
    """A team with nobody in it."""

    class Meta:
        model = Team

    name = factory.Sequence(lambda n: f"Team {n}")
    made_at = factory.LazyFunction(timezone.now)


class JobFactory(factory.django.DjangoModelFactory):
    """A job that waits."""

    class Meta:
        model = Job

    kind = "count"
    title = "Counting"
    created_at = factory.LazyFunction(timezone.now)
