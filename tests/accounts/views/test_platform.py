"""The operator's pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Job
from accounts.tenants.context import in_schema
from accounts.tenants.domain.provisioning import provision
from tests.browsing import plain
from tests.factories.accounts import JobFactory, PersonFactory

COMPANIES = "/platform/companies/"
GOOD = {
    "name": "Initech",
    "short_name": "initech",
    "host": "",
    "time_zone": "UTC",
    "owner_email": "bill@initech.example",
}


@pytest.fixture
def browser(client_for, operator):
    return client_for(operator, "platform")


@pytest.fixture
def in_platform(platform):
    with in_schema("platform"):
        yield


def test_list_shows_companies_with_address_and_state(browser):
    page = plain(browser.get(COMPANIES))

    assert "acme.localhost" in page
    assert "globex.localhost" in page


def test_list_takes_one_number_of_queries(browser, now):
    with CaptureQueriesContext(connection) as few:
        browser.get(COMPANIES)
    for schema in ("initech", "hooli"):
        provision(name=schema, schema=schema, host=f"{schema}.localhost", time_zone="UTC", at=now)
    with CaptureQueriesContext(connection) as more:
        browser.get(COMPANIES)

    assert len(more) == len(few)


def test_pages_are_the_operators_alone(client_for, in_platform):
    assert client_for(PersonFactory(), "platform").get(COMPANIES).status_code == 403


def test_companies_know_no_operators_pages(client_for, bob):
    assert client_for(bob).get(COMPANIES).status_code == 404


def test_good_order_starts_a_job_that_can_be_watched(browser, in_platform):
    response = browser.post(f"{COMPANIES}new/", GOOD)

    job = Job.objects.get()
    assert response.url == f"/platform/jobs/{job.pk}/"
    assert job.arguments == {
        "name": "Initech",
        "schema": "initech",
        "host": "initech.localhost",
        "time_zone": "UTC",
        "owner_email": "bill@initech.example",
    }
    assert "Making Initech" in plain(browser.get(response.url))


def test_hyphen_of_a_short_name_is_an_underscore_in_its_schema(browser, in_platform):
    browser.post(f"{COMPANIES}new/", GOOD | {"short_name": "ini-tech"})

    arguments = Job.objects.get().arguments
    assert (arguments["schema"], arguments["host"]) == ("ini_tech", "ini-tech.localhost")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"short_name": "acme"}, "Another company has the short name “acme”."),
        ({"host": "acme.localhost"}, "The address “acme.localhost” leads to another company."),
        ({"short_name": "Initech!"}, "Use 3 to 30 small letters, digits and hyphens"),
        ({"short_name": "tenant-blueprint"}, "This name is kept for the machine."),
        ({"short_name": "pg-catalog"}, "This name is kept for the machine."),
        ({"host": "https://initech.localhost/"}, "Write a host name such as"),
        ({"host": "initech.example"}, "Add it to ALLOWED_HOSTS"),
        ({"owner_email": ""}, "without an owner nobody can let people in"),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not one of the available choices"),
    ],
)
def test_bad_order_comes_back_with_its_sentence_and_what_was_typed(browser, in_platform, given, sentence):
    response = browser.post(f"{COMPANIES}new/", GOOD | given)

    assert response.status_code == 422
    assert sentence in plain(response)
    assert 'value="Initech"' in plain(response)
    assert not Job.objects.exists()


@pytest.fixture
def acme_page(acme):
    return f"{COMPANIES}{acme.pk}/"


def test_suspended_company_is_closed_to_everybody_at_once(browser, client_for, bob, acme_page):
    employee = client_for(bob)

    browser.post(f"{acme_page}suspend/")

    pages = [employee.get("/me/"), client_for().get("/accounts/login/"), employee.post("/me/stay-out/")]
    assert [page.status_code for page in pages] == [403, 403, 403]
    assert "Assent is suspended here" in plain(pages[0])


def test_opened_company_lets_people_in_again(browser, client_for, bob, acme_page):
    browser.post(f"{acme_page}suspend/")

    page = plain(browser.post(f"{acme_page}reopen/", follow=True))

    assert "Acme is open again." in page
    assert client_for(bob).get("/me/account/").status_code == 200


def test_suspending_twice_is_refused(browser, acme_page):
    browser.post(f"{acme_page}suspend/")

    assert browser.post(f"{acme_page}suspend/").status_code == 409


def test_platform_offers_no_way_to_suspend_itself(browser, platform):
    assert "suspend/" not in plain(browser.get(f"{COMPANIES}{platform.pk}/"))


@pytest.mark.parametrize("act", ["suspend/", "reopen/"])
def test_acts_are_posts(browser, acme_page, act):
    assert browser.get(f"{acme_page}{act}").status_code == 405


def test_health_shows_each_finding_with_its_fix(browser):
    page = plain(browser.get("/platform/health/"))

    assert "Has never been heard of." in page
    assert "Start it with “manage.py work”." in page
    assert "All 3 are as the blueprint is." in page


def test_operator_sees_their_account(browser):
    page = plain(browser.get("/me/account/"))

    assert "olga@platform.example" in page
    assert "Platform operator" in page


def test_jobs_of_companies_are_not_on_the_platform(browser, in_acme):
    assert browser.get(f"/platform/jobs/{JobFactory().pk}/").status_code == 404
