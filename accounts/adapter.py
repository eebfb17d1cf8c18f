"""How allauth behaves here: nobody signs up without an invitation, and mail that cannot be sent is said so."""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib import messages

from accounts.domain.mail import with_way_out
from accounts.models import Person

logger = logging.getLogger(__name__)

UNSENT = (
    "No mail could be sent: the mail server did not take it. Try again later; if it fails again, tell the operator."
)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):  # noqa: ARG002
        return False

    def render_mail(self, template_prefix, email, context_, headers=None):
        """What goes to somebody's address carries their way out. An address of nobody's has nothing to leave."""
        mail = super().render_mail(template_prefix, email, context_, headers)
        person = context_.get("user") or Person.objects.filter(email=email.lower()).first()
        return with_way_out(mail, person) if person else mail

    def send_mail(self, template_prefix, email, context_):
        """Send, or say that it failed: in the same words for known and unknown addresses, both of which get mail."""
        try:
            super().send_mail(template_prefix, email, context_)
        except OSError as refusal:  # SMTP's errors are among these
            logger.warning("%s could not be mailed: %s.", template_prefix, type(refusal).__name__)
            messages.error(context.request, UNSENT)
