"""Every address × every role × every method: who may not, gets 403 before anything is looked up; nobody gets a traceback."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.rules import COMPANY_ROLES, permissions_of
from accounts.states import Role
from accounts.tenants.context import in_schema
from tests.architecture.test_pages import OPEN_PAGES
from tests.conftest import COMPANIES
from tests.factories.accounts import PersonFactory

SIGN_IN = "account_"
SIGN_IN_PAGE = (302, "/accounts/login/")
NOWHERE = {"uuid": "7d0a3f3e-5a0c-4a4e-9a53-0f6c9f2f0001", "int": "987654", "day": "2026-11-09"}

LAST = {"/me/erase/now/"}  # whoever was erased is a stranger to all other pages


def pages(urlconf: str, resolver=None, prefix: str = ""):
    """Every view of ours, with an address at which there is nothing."""
    for entry in (resolver or get_resolver(urlconf)).url_patterns:
        if isinstance(entry, URLResolver):
            yield from pages(urlconf, entry, prefix + str(entry.pattern))
        elif _is_ours(entry):
            yield entry.callback.view_class, "/" + _filled(prefix + str(entry.pattern))


def _is_ours(entry: URLPattern) -> bool:
    is_library_s = (entry.name or "").startswith(SIGN_IN) or not hasattr(entry.callback, "view_class")
    return not is_library_s and entry.name not in OPEN_PAGES


def _filled(pattern: str) -> str:
    while "<" in pattern:
        before, _, rest = pattern.partition("<")
        placeholder, _, after = rest.partition(">")
        converter, _, _ = placeholder.rpartition(":")
        pattern = before + NOWHERE.get(converter, "nothing") + after
    return pattern


def client_of(role: Role | None, schema: str) -> Client:
    client = Client(SERVER_NAME=COMPANIES[schema], raise_request_exception=False)
    with in_schema(schema):
        person = PersonFactory(roles=[role] if role else [])
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def ask(client: Client, method: str, address: str):
    return getattr(client, method)(address)


CASES = [
    *((role, "acme", settings.ROOT_URLCONF) for role in (None, *COMPANY_ROLES)),
    *((role, "platform", settings.PUBLIC_SCHEMA_URLCONF) for role in (None, Role.OPERATOR)),
]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("role", "schema", "urlconf"), CASES)
def test_who_may_not_is_refused_and_nobody_sees_a_crash(committed, role, schema, urlconf, method):
    may = permissions_of([role] if role else [], is_operator_house=schema == "platform")
    views = {address: view for view, address in sorted(pages(urlconf), key=lambda page: page[1] in LAST)}
    client = client_of(role, schema)
    answers = {address: ask(client, method, address).status_code for address in views}
    assert {address for address, status in answers.items() if status >= 500} == set()
    refused = {address for address, status in answers.items() if status == 403}
    assert refused == {address for address, view in views.items() if view.permission not in may}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("schema", "urlconf"), [("acme", settings.ROOT_URLCONF), ("platform", settings.PUBLIC_SCHEMA_URLCONF)]
)
def test_stranger_is_sent_to_the_sign_in_page_from_everywhere(committed, schema, urlconf, method):
    client = Client(SERVER_NAME=COMPANIES[schema])
    assert {_place(ask(client, method, address)) for _, address in pages(urlconf)} == {SIGN_IN_PAGE}


@pytest.mark.parametrize("method", ["get", "post"])
def test_owner_of_another_company_is_a_stranger_here(committed, method):
    client = client_of(Role.OWNER, "globex")
    client.defaults["SERVER_NAME"] = COMPANIES["acme"]
    assert {_place(ask(client, method, address)) for _, address in pages(settings.ROOT_URLCONF)} == {SIGN_IN_PAGE}


def _place(answer) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location", "").partition("?")[0]
