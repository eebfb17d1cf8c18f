"""Which company a request reaches: the one of its host, or none."""

import uuid

import pytest
from django.test import Client

from accounts.tenants.context import in_public
from accounts.tenants.models import Company

LOGIN = "/accounts/login/"


@pytest.mark.parametrize("host", ["acme.localhost", "ACME.localhost", "acme.localhost.", "acme.localhost:8000"])
def test_company_is_found_by_its_host(db, host):
    response = Client(headers={"host": host}).get(LOGIN)
    assert (response.status_code, "Acme" in response.content.decode()) == (200, True)


@pytest.mark.parametrize("host", ["nobody.localhost", "www.acme.localhost", "acme.localhost.localhost"])
def test_unknown_host_gets_a_sentence(db, host):
    response = Client(headers={"host": host}).get(LOGIN)
    assert response.status_code == 404
    assert host in response.content.decode()


@pytest.mark.parametrize(
    "host", ["acme.example", "127.0.0.1", "[::1]:8000", "evil.test, acme.localhost", "acme_localhost;"]
)
def test_host_outside_the_house_is_refused(db, host):
    assert Client(headers={"host": host}).get(LOGIN).status_code == 400


def test_forwarded_host_is_not_believed(db):
    response = Client(headers={"host": "globex.localhost", "x-forwarded-host": "acme.localhost"}).get(LOGIN)
    assert "Globex" in response.content.decode()


def test_suspended_company_answers_nobody(db):
    with in_public():
        Company.objects.filter(schema_name="acme").update(
            state="suspended", suspended_at="2026-11-18T12:00Z", suspended_by=uuid.uuid4()
        )
    response = Client(SERVER_NAME="acme.localhost").get(LOGIN)
    assert (response.status_code, "suspended" in response.content.decode()) == (403, True)


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_needs_no_company(db, path):
    assert Client(headers={"host": "127.0.0.1"}).get(path).status_code == 200


def test_portal_pages_do_not_stand_on_the_platforms_host(db):
    assert Client(SERVER_NAME="localhost").get("/manage/sources/").status_code == 404


def test_answers_carry_the_strict_headers(db):
    headers = Client(SERVER_NAME="acme.localhost").get(LOGIN).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert (headers["Referrer-Policy"], headers["Cross-Origin-Opener-Policy"]) == ("same-origin", "same-origin")


def test_pages_of_the_signed_in_are_kept_by_no_cache(client_for, bob):
    assert "no-store" in client_for(bob).get("/me/grants/").headers["Cache-Control"]
