"""A whole story with a real worker and a real mail server: from the operator's order to a company at work."""

import re
import time

import pytest
from django.test import Client

from accounts.models import Job, Person
from accounts.states import JOB_OVER, Role
from accounts.tenants.context import in_schema
from tests.accounts.test_worker import start_worker  # noqa: F401
from tests.browsing import plain
from tests.factories.accounts import PASSWORD, PersonFactory

ORDER = {"name": "Initech", "short_name": "initech", "time_zone": "UTC", "owner_email": "bill@initech.example"}


@pytest.fixture
def operator(committed):
    client = Client(SERVER_NAME="localhost")
    with in_schema("platform"):
        client.force_login(PersonFactory(roles=[Role.OPERATOR]))
    return client


def _wait_until_over(pk):
    for _ in range(300):
        with in_schema("platform"):
            if Job.objects.get(pk=pk).state in JOB_OVER:
                return
        time.sleep(0.1)
    pytest.fail("the job did not come to its end")


def _link(mail) -> str:
    return re.search(r"http://initech\.localhost:8000(/accounts/join/[\w-]+/)", mail.get_payload(decode=True).decode())[
        1
    ]


def _join(mail, name) -> Client:
    client = Client(SERVER_NAME="initech.localhost")
    assert client.post(_link(mail), {"name": name, "password": PASSWORD}).status_code == 302
    return client


@pytest.mark.slow
def test_company_is_ordered_made_and_filled_with_people(start_worker, operator, mailbox, settings):  # noqa: F811
    start_worker(EMAIL_URL=f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}")

    job_page = operator.post("/platform/companies/new/", ORDER).url
    _wait_until_over(job_page.split("/")[-2])
    done = plain(operator.get(job_page))
    company = plain(operator.get(re.search(r'href="(/platform/companies/\d+/)"', done)[1]))
    owner = _join(mailbox.mails[0], "Bill Lumbergh")
    owner.post("/manage/settings/people/invite/", {"email": "peter@initech.example", "roles": ["steward"]})
    _join(mailbox.mails[1], "Peter Gibbons")
    people = plain(owner.get("/manage/settings/people/"))

    assert "http://initech.localhost:8000/" in company
    assert "Bill Lumbergh" in people
    assert "Peter Gibbons" in people
    with in_schema("initech"):
        assert Person.objects.get(name="Peter Gibbons").role_names() == {Role.STEWARD}
