"""No mail to a person leaves without their way out: all mail is made in one room, and what that room makes carries it."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail

from accounts.adapter import AccountAdapter
from accounts.domain.mail import mails_to
from accounts.tenants.context import in_schema
from tests.architecture.test_code import FILES, HOUSE
from tests.factories.accounts import PersonFactory

THE_ROOM = "accounts/domain/mail.py"
TYPES_ALONE = {"accounts/domain/company_mail.py": {"EmailMessage"}}  # named in a signature
TO_STRANGERS = {THE_ROOM, "accounts/domain/invitation_mail.py", "consent/domain/erasure_mail.py"}
MAILS_OF_LIBRARIES = sorted(
    path.name.removesuffix("_message.txt")
    for path in Path(settings.BASE_DIR, "templates/account/email").glob("*_message.txt")
    if path.name != "base_message.txt"
)


def imported(path: Path, module: str) -> set[str]:
    """What a file takes from a module; `*` where it takes the module itself."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and f"{node.module}".startswith(module):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {"*" for alias in node.names if f"{node.module}.{alias.name}" == module}
        elif isinstance(node, ast.Import):
            names |= {"*" for alias in node.names if alias.name.startswith(module)}
    return names


def test_mail_is_made_in_one_room():
    makers = {str(p.relative_to(HOUSE)): taken for p in FILES if (taken := imported(p, "django.core.mail"))}
    assert makers.pop(THE_ROOM) == {"EmailMessage", "get_connection"}
    assert makers == TYPES_ALONE
    assert [p for p in FILES if "smtplib" in p.read_text(encoding="utf-8")] == []


def test_only_invitations_and_farewells_go_to_strangers():
    users = {str(p.relative_to(HOUSE)) for p in FILES if "mail_to_stranger" in p.read_text(encoding="utf-8")}
    assert users == TO_STRANGERS


def test_mail_is_text_so_that_its_footer_is_seen():
    folders = (Path(settings.BASE_DIR, "templates", place) for place in ("mail", "account/email"))
    assert [path for folder in folders for path in folder.rglob("*.html")] == []


def carries_way_out(message: mail.EmailMessage) -> bool:
    link = message.extra_headers["List-Unsubscribe"].removeprefix("<").removesuffix(">")
    return (
        message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        and link.startswith("http://acme.localhost:8000/leave/")
        and link in message.body
    )


@pytest.mark.parametrize("name", MAILS_OF_LIBRARIES)
def test_mail_of_the_sign_in_library_carries_the_way_out(in_acme, rf, name):
    person = PersonFactory(email="nora@acme.example")
    context = {"current_site": in_acme.host, "request": rf.get("/")}
    with in_schema("acme"):
        message = AccountAdapter().render_mail(f"account/email/{name}", person.email, context)
    assert carries_way_out(message)


def test_each_persons_mail_carries_their_own(in_acme, django_assert_num_queries):
    people = [PersonFactory() for _ in range(3)]
    with in_schema("acme"), django_assert_num_queries(1):
        messages = mails_to(people, subject="Hello", text="Hello.\n")
    assert [carries_way_out(message) for message in messages] == [True] * 3
    assert len({message.extra_headers["List-Unsubscribe"] for message in messages}) == 3
    assert [message.to for message in messages] == [[person.email] for person in people]


def test_what_leaves_has_headers_as_rfc_8058_wants_them(in_acme):
    with in_schema("acme"):
        (message,) = mails_to([PersonFactory()], subject="Hello", text="Hello.")
    sent = message.message().as_bytes().replace(b" \n ", b" ")  # as long headers are folded
    assert f"\nList-Unsubscribe: {message.extra_headers['List-Unsubscribe']}\n".encode() in sent
    assert b"\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in sent


def test_operators_of_the_platform_have_nothing_to_leave(platform):
    with in_schema("platform"):
        (message,) = mails_to([PersonFactory()], subject="Hello", text="Hello.")
    assert (message.extra_headers, message.body) == ({}, "Hello.")
