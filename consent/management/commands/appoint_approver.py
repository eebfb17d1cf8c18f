"""Appoint an approver from outside, where too few are left to do it inside. Run as the owner of the database."""

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from accounts.errors import DomainError
from accounts.models import Person
from accounts.tenants.context import in_schema
from consent.domain.founding import appoint_from_outside


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("company", help="its short name, with underscores: the schema")
        parser.add_argument("email", help="of somebody who has joined it")

    def handle(self, *args, company, email, **options):
        if not settings.RUNS_AS_OWNER:
            raise CommandError("Only the owner can. Set ASSENT_AS=owner and DATABASE_OWNER_URL.")
        with in_schema(company):
            person = Person.objects.filter(email=email.lower(), is_active=True).first()
            if person is None:
                raise CommandError(f"Nobody with the address {email} can sign in to {company}.")
            try:
                appoint_from_outside(person, at=timezone.now())
            except DomainError as refusal:
                raise CommandError(str(refusal)) from refusal
            self.stdout.write(f"{person.name} is approver now, and the ledger of {company} says how.")
