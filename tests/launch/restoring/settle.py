"""Make a company in which Alice and Bob take part."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from accounts.tenants.context import in_schema
from accounts.tenants.domain.provisioning import provision
from consent.domain.choices import Wish, take_part
from consent.domain.sources import make_source
from consent.models import PurposeVersion

at = timezone.now() - timedelta(hours=1)
with transaction.atomic():
    provision(name="Acme", schema="acme", host="acme.localhost", time_zone="UTC", at=at)
with in_schema("acme"), transaction.atomic():
    people = [
        Person.objects.create(name=name, email=f"{name.split()[0].lower()}@acme.example", joined_at=at)
        for name in ("Alice Archer", "Bob Baker")
    ]
    source = make_source(name="Slack", kind="slack", description="Public channels.", by=people[0], at=at)
    wording = PurposeVersion.objects.current().get(purpose="scoring")
    for person in people:
        take_part(person, wish=Wish((wording.pk,), (source.pk,), is_of_age=True), at=at)
