"""Every page declares who may open it, and carries nothing that a strict policy would have to allow."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.states import Permission

# Pages for people who are not signed in yet, each with its reason.
OPEN_PAGES = {
    "first_page": "sends on to the sign-in page",
    "join": "whoever holds the invitation's link",
    "way_out": "whoever holds the link of their mail",
    "demo": "demo mode alone",
    "demo_enter": "demo mode alone",
    "gallery": "demo mode alone",
    "witness_compare": "a witness’s tool, by its token",
    "witness_cosign": "a witness’s tool, by its token",
    "ledger_checkpoint": "a witness’s token, or who may read the ledger",
    "bias_audit": "the law wants it public; a steward decides to publish it",
    "bias_audit_csv": "the same",
    "take_in": "a service, by its signature",
    "left": "whoever holds the link of an erasure: there is no account any more",
    "left_pdf": "the same",
    "left_json": "the same",
    "left_proof": "the same",
    "left_verifier": "the same",
    "ledger_tile": "a witness’s token, or who may read the ledger",
}


def routes(resolver):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry)
        elif isinstance(entry, URLPattern):
            yield entry


def our_routes():
    for urlconf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        for route in routes(get_resolver(urlconf)):
            if not (route.name or "").startswith("account_"):
                yield pytest.param(route, id=f"{urlconf.rpartition('.')[2]}-{route.name}")


@pytest.mark.parametrize("route", list(our_routes()))
def test_view_declares_its_permission(route):
    view = getattr(route.callback, "view_class", None)
    assert route.name in OPEN_PAGES or getattr(view, "permission", None) in Permission


def test_list_of_open_pages_is_not_stale():
    names = {
        route.name
        for conf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF)
        for route in routes(get_resolver(conf))
    }
    assert set(OPEN_PAGES) <= names


TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
FORBIDDEN = re.compile(
    r"""style=|\son\w+=|<script(?![^>]*\ssrc=)[^>]*>|(?:src|href|action)=["'](?:https?:)?//|javascript:"""
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_template_needs_no_inline_style_script_or_foreign_address(template):
    assert FORBIDDEN.findall(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_template_stays_small(template):
    assert len(template.read_text(encoding="utf-8").splitlines()) <= 180


def test_policy_allows_nothing_from_outside():
    sources = {source for values in settings.SECURE_CSP.values() for source in values}
    assert sources == {"'none'", "'self'"}
