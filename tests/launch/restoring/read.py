"""Read about Bob, if that is allowed."""

from django.utils import timezone

from accounts.models import Person
from accounts.tenants.context import in_schema
from consent.domain.data_uses import ReadingStopped, own_view

with in_schema("acme"):
    bob = Person.objects.get(name="Bob Baker")
    try:
        with own_view(bob, reason="Looking", at=timezone.now()):
            print("read")
    except ReadingStopped as stopped:
        print("refused:", type(stopped).__name__)
