"""Give a company’s ledger a new signing key. Both sign for 30 days, so that those outside can learn the new one."""

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from accounts.tenants.context import in_public, in_schema
from accounts.tenants.models import Company
from consent.audit.domain.keys import make_key, public_key


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("company", help="the short name of the company")

    def handle(self, *args, company, **options):
        with in_public():
            if not Company.objects.filter(schema_name=company).exists():
                raise CommandError(f"There is no company {company}.")
        with in_schema(company):
            key = public_key(make_key(at=timezone.now()))
        self.stdout.write(f"The ledger of {company} signs with this key from now on:\n{key}")
