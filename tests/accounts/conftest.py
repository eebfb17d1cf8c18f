"""A mail server that really speaks SMTP, and people with roles."""

import socket
from contextlib import closing

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from accounts.states import Role
from accounts.tenants.context import in_schema
from tests.browsing import client_for  # noqa: F401
from tests.factories.accounts import PersonFactory


class Mailbox(Message):
    """Keeps what it was sent."""

    def __init__(self):
        super().__init__()
        self.mails = []

    def handle_message(self, message):
        self.mails.append(message)

    def only_text(self) -> str:
        (mail,) = self.mails
        return mail.get_payload(decode=True).decode()


@pytest.fixture
def mailbox(settings):
    """Mail goes over SMTP to this box, as in production."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    yield box
    controller.stop()


@pytest.fixture
def no_mail_server(settings):
    """Nobody listens where mail should go."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Slow digests are for attackers; here they would take half of the time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def owner(in_acme):
    return PersonFactory(name="Omar Osman", email="omar@acme.example", roles=[Role.OWNER])


@pytest.fixture
def operator(platform):
    with in_schema("platform"):
        return PersonFactory(name="Olga Orlova", email="olga@platform.example", roles=[Role.OPERATOR])
