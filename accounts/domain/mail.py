"""The one room in which mail is made (tests/architecture/test_mail.py).

What goes to a person carries their way out: in its footer, for people, and in the headers by which a mail program
offers a button of its own (RFC 8058). It works without signing in. The links come from whoever knows of leaving:
settings.WAYS_OUT.
"""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from accounts.models import Person


def mails_to(people: Iterable[Person], *, subject: str, text: str) -> list[EmailMessage]:
    """The same words to each of them, each with their own way out."""
    people = list(people)
    links = _ways_out(people)
    return [_with_way_out(EmailMessage(subject, text, to=[person.email]), links.get(person.pk)) for person in people]


def mail_to_stranger(address: str, *, subject: str, text: str) -> EmailMessage:
    """For somebody who has no account yet, hence nothing to leave."""
    return EmailMessage(subject, text, to=[address])


def with_way_out(mail: EmailMessage, person: Person) -> EmailMessage:
    """Add a person's way out to a mail that a library has made."""
    return _with_way_out(mail, _ways_out([person]).get(person.pk))


def send(mails: Iterable[EmailMessage]) -> None:
    """Hand mails to the mail server, over one connection.

    :raises OSError: it did not take them; SMTP's errors are among these
    """
    get_connection().send_messages(list(mails))


def _ways_out(people: list[Person]) -> dict[UUID, str]:
    links: dict[UUID, str] = import_string(settings.WAYS_OUT)([person.pk for person in people])
    return links


def _with_way_out(mail: EmailMessage, link: str | None) -> EmailMessage:
    """None: on the platform nobody is scored."""
    if link:
        mail.body = f"{mail.body}".rstrip() + "\n\n" + render_to_string("mail/way_out.txt", {"link": link})
        mail.extra_headers |= {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return mail
