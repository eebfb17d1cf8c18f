"""Alice is erased, Bob withdraws."""

from django.utils import timezone

from accounts.models import Job, Person
from accounts.tenants.context import in_schema
from consent.domain import eraser
from consent.domain.choices import leave
from consent.domain.erasing import request_erasure

at = timezone.now()
with in_schema("acme"):
    alice, bob = Person.objects.get(name="Alice Archer"), Person.objects.get(name="Bob Baker")
    request_erasure(alice, by=alice, at=at)
    Job.objects.update(state="running", attempts=1)
    eraser.erase_waiting(Job.objects.get(), clock=timezone.now)
    leave(bob, at=at)
