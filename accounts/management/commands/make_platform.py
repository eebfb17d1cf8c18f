"""Make the platform's own company and invite its first operator; once it stands, invite a further one."""

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from accounts.domain.companies import make_platform
from accounts.domain.invitation_mail import MailNotSent
from accounts.errors import DomainError
from accounts.tenants.domain.provisioning import ProvisioningError


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--operator", required=True, metavar="E-MAIL", help="who gets the invitation")

    def handle(self, *args, operator, **options):
        try:
            make_platform(operator.strip().lower(), at=timezone.now())
        except (MailNotSent, DomainError, ProvisioningError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"The platform stands, and an invitation is on its way to {operator}.")
