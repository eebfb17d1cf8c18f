"""Leave as Alice, and die between the line in the journal and its commit."""

import os
import signal

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from accounts.tenants.context import in_schema
from consent.domain.choices import leave

with in_schema("acme"), transaction.atomic():
    leave(Person.objects.get(name="Alice Archer"), at=timezone.now())
    os.kill(os.getpid(), signal.SIGKILL)
