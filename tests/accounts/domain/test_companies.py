"""Making, suspending and opening companies."""

import pytest
from django.core import mail

from accounts.domain import companies, job_runs, jobs
from accounts.models import Invitation, Job
from accounts.states import JobState, Role
from accounts.tenants.context import in_public, in_schema
from accounts.tenants.models import Company
from consent.audit.models import Entry
from tests.factories.accounts import JobFactory, PersonFactory

ORDER = companies.Order(
    name="Initech",
    schema="initech",
    host="initech.localhost",
    time_zone="Europe/Berlin",
    owner_email="bill@initech.example",
)


@pytest.fixture
def operator(committed):
    with in_schema("platform"):
        yield PersonFactory(name="Olga Orlova", roles=[Role.OPERATOR])


@pytest.fixture
def made(operator, now):
    """Order a company and do the worker's part."""

    def make(order=ORDER):
        job = companies.order_company(order, by=operator, at=now)
        job_runs.run(job.pk, clock=lambda: now)
        job.refresh_from_db()
        return job

    return make


def test_ordered_company_is_made_with_its_first_invitation(made):
    job = made()

    with in_public():
        company = Company.objects.select_related("host").get(schema_name="initech")
    with in_schema("initech"):
        invitation = Invitation.objects.get()
    assert (job.state, job.result_url) == (JobState.DONE, f"/platform/companies/{company.pk}/")
    assert (company.name, company.host.domain, company.time_zone) == ("Initech", "initech.localhost", "Europe/Berlin")
    assert (invitation.email, invitation.roles) == ("bill@initech.example", ["owner"])


def test_first_owners_link_leads_into_the_new_company(made):
    made()

    assert "http://initech.localhost:8000/accounts/join/" in mail.outbox[0].body
    assert "you are invited to join Assent at Initech." in mail.outbox[0].body


def test_making_is_in_both_ledgers(made, operator):
    made()

    made_by = Entry.objects.filter(event="accounts.company_made").values_list("by", "payload")
    with in_schema("initech"):
        invited_by = list(Entry.objects.values_list("event", "by"))
    assert list(made_by) == [(operator.pk, {"schema": "initech"})]
    assert invited_by == [("accounts.person_invited", None)]


def test_owners_address_does_not_stay_on_the_platform(made):
    made()

    assert "bill@" not in str(Job.objects.values().get())


def test_taken_name_is_refused_before_a_job_is_started(operator, now, made):
    made()

    with pytest.raises(companies.NameTaken, match="short name “initech”"):
        companies.order_company(ORDER, by=operator, at=now)

    assert Job.objects.count() == 1


def test_name_taken_meanwhile_fails_the_job_and_leaves_nothing(operator, now):
    late = companies.order_company(ORDER, by=operator, at=now)
    first = companies.order_company(ORDER, by=operator, at=now)
    job_runs.run(first.pk, clock=lambda: now)

    job_runs.run(late.pk, clock=lambda: now)

    late.refresh_from_db()
    assert (late.state, late.message) == (
        JobState.FAILED,
        "Initech was not made, and nothing is left of the attempt."
        " The short name “initech” is taken by another company. Choose another.",
    )
    assert len(mail.outbox) == 1


def test_failure_after_the_schema_leaves_no_schema(operator, now, made):
    job = made(companies.Order(**{**vars(ORDER), "owner_email": "x" * 300}))

    with in_public():
        assert not Company.objects.filter(schema_name="initech").exists()
    assert job.state == JobState.FAILED
    assert mail.outbox == []


@pytest.mark.usefixtures("no_mail_server")
def test_unsent_mail_leaves_a_company_and_says_so(made):
    job = made()

    assert job.state == JobState.DONE
    assert job.message.startswith("bill@initech.example is invited, but the mail could not be sent")


@pytest.fixture
def acme(operator):
    with in_public():
        return Company.objects.get(schema_name="acme")


def test_suspending_is_recorded_and_closes_the_company(operator, acme, now):
    companies.suspend(acme, by=operator, at=now)

    with in_public():
        acme.refresh_from_db()
    assert (acme.is_suspended, acme.suspended_at, acme.suspended_by) == (True, now, operator.pk)
    assert Entry.objects.get(event="accounts.company_suspended").payload == {"schema": "acme"}


def test_suspending_takes_running_jobs_from_their_workers(operator, acme, now):
    with in_schema("acme"):
        held = jobs.lease(JobFactory().pk, at=now)

    companies.suspend(acme, by=operator, at=now)

    with in_schema("acme"), pytest.raises(jobs.LeaseLost):
        jobs.progress(held, 1)


def test_opening_again_is_recorded(operator, acme, now):
    companies.suspend(acme, by=operator, at=now)

    companies.reopen(acme, by=operator, at=now)

    with in_public():
        acme.refresh_from_db()
    assert (acme.is_suspended, acme.suspended_at, acme.suspended_by) == (False, None, None)
    assert Entry.objects.get(event="accounts.company_reopened").payload == {"schema": "acme"}


@pytest.mark.parametrize(
    ("acts", "sentence"),
    [
        ([companies.suspend, companies.suspend], "Acme is not open any more."),
        ([companies.reopen], "Acme is not suspended any more."),
    ],
)
def test_act_in_the_wrong_state_is_refused(operator, acme, now, acts, sentence):
    *before, last = acts
    [act(acme, by=operator, at=now) for act in before]

    with pytest.raises(companies.NotPossible, match=sentence):
        last(acme, by=operator, at=now)


def test_platform_cannot_be_suspended(operator, now):
    with in_public():
        platform = Company.objects.get(schema_name="platform")

    with pytest.raises(companies.NotPossible, match="cannot be suspended"):
        companies.suspend(platform, by=operator, at=now)
