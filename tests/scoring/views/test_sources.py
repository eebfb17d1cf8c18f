"""A source's page from both sides: what is read, who said yes in fives, stop and start, and one button to take it back."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.domain import job_runs
from accounts.models import Job
from accounts.states import Role
from consent.audit.models import Entry
from consent.domain.choices import Wish, take_part
from consent.domain.sources import NotSo, make_source, remove_source
from consent.models import Choice, OpenGrant, Source
from consent.states import SourceKind
from scoring.domain.imports import connector_for
from scoring.domain.source_figures import coverage_of, figures_of
from scoring.models import Import
from tests.browsing import plain
from tests.conftest import scoring_wording
from tests.factories.accounts import PersonFactory


@pytest.fixture
def steward(in_acme):
    return PersonFactory(name="Stella Stone", roles=[Role.STEWARD])


@pytest.fixture
def source(steward, now):
    return make_source(name="Team room", kind=SourceKind.MAIL, description="Mail.", by=steward, at=now)


@pytest.fixture
def browser(client_for, steward):
    return client_for(steward)


@pytest.fixture
def say_yes(source, now):
    def say_yes(people):
        wish = Wish((scoring_wording().pk,), (source.pk,), is_of_age=True)
        return [take_part(PersonFactory(), wish=wish, at=now).person for _ in range(people)]

    return say_yes


def _file(source, at, **numbers):
    return Import.objects.create(source=source, uploaded_at=at, uploaded_by=source.created_by, size=1, **numbers)


@pytest.mark.parametrize("kind", SourceKind.values)
def test_both_sides_read_the_same_declaration(browser, steward, now, kind):
    source = make_source(name="Here", kind=kind, description="Words.", by=steward, at=now)
    connector = connector_for(source)
    pages = [plain(browser.get(address.format(source.pk))) for address in ("/manage/sources/{}/", "/me/sources/{}/")]
    said = [*(why.capitalize()[:12] for _, why in connector.FIELDS), *connector.NEVER, "Scheduled pull is out of scope"]
    assert [words for page in pages for words in said if words not in page] == []


@pytest.mark.parametrize(
    ("willing", "others", "shown"), [(4, 9, None), (9, 4, None), (7, 8, (5, 15)), (10, 5, (10, 15))]
)
def test_coverage_tells_on_nobody(source, say_yes, willing, others, shown, steward):
    say_yes(willing)
    for _ in range(others - 1):  # the steward is one of them
        PersonFactory()
    assert coverage_of(source) == shown


def test_volumes_are_of_the_week_in_which_they_came(source, now):
    _file(source, now, state="done", finished_at=now, read=7, left_out=5, malformed=2)
    _file(source, now, state="failed", finished_at=now)
    figures = figures_of(source, at=now)
    assert ([number for _, number in figures.volumes], figures.malformed, figures.refused_files) == (
        [0] * 11 + [7],
        2,
        1,
    )


def test_stopped_source_takes_nothing_until_it_is_started_again(browser, source):
    address = f"/manage/sources/{source.pk}/"
    assert "is stopped" in plain(browser.post(address + "stop/", follow=True))
    assert "Choose the file" not in plain(browser.get(address))
    assert Source.objects.get().stopped_at is not None
    assert "is started again" in plain(browser.post(address + "start/", follow=True))
    assert Source.objects.get().stopped_at is None
    told = Entry.objects.filter(event__startswith="consent.source_st").order_by("pk")
    assert list(told.values_list("event", flat=True)) == [
        "consent.source_stopped",
        "consent.source_started",
    ]


def test_file_for_a_stopped_source_is_refused_with_a_sentence(browser, source):
    browser.post(f"/manage/sources/{source.pk}/stop/")
    file = ContentFile(b"From a 10:00\nFrom: a@x\n\n", name="mail.mbox")
    answer = browser.post(f"/manage/sources/{source.pk}/upload/", {"file": file})
    assert (answer.status_code, "is stopped. Start it again" in plain(answer)) == (422, True)


def test_stopping_twice_says_so(browser, source):
    browser.post(f"/manage/sources/{source.pk}/stop/")
    answer = browser.post(f"/manage/sources/{source.pk}/stop/")
    assert "stopped already" in plain(answer)


def test_removed_source_leaves_nothing_counted(browser, client_for, source, say_yes, steward, now):
    [person, other] = say_yes(2)
    kept = make_source(name="Chat", kind=SourceKind.SLACK, description="Chat.", by=steward, at=now)
    take_part(other, wish=Wish((scoring_wording().pk,), (kept.pk,), is_of_age=True), at=now)
    answer = browser.post(f"/manage/sources/{source.pk}/remove/")
    job_runs.run(Job.objects.get(kind="remove_source").pk, clock=timezone.now)
    job = Job.objects.get(kind="remove_source")
    assert (answer.url, job.state, job.message) == (f"/manage/jobs/{job.pk}/", "done", "")
    assert list(OpenGrant.objects.values_list("source", flat=True)) == [kept.pk]
    assert Source.objects.get(pk=source.pk).retired_at is not None
    assert "removed the last source you had agreed to" in plain(client_for(person).get("/me/"))
    reference = Choice.objects.get(person=other, kind="removed").reference
    assert "Your company removed a source" in plain(client_for(other).get(f"/me/choices/{reference}/"))
    told = Entry.objects.filter(event="consent.source_removed")
    assert told.get().by == steward.pk


def test_source_in_use_is_not_emptied(source, steward, now):
    with pytest.raises(NotSo, match="still in use"):
        remove_source(source, by=steward, at=now, step=print)


def test_person_takes_back_exactly_this_source(client_for, source, say_yes, steward, now):
    [person] = say_yes(1)
    other = make_source(name="Chat", kind=SourceKind.SLACK, description="Chat.", by=steward, at=now)
    take_part(person, wish=Wish((scoring_wording().pk,), (other.pk,), is_of_age=True), at=now)
    page = plain(client_for(person).get(f"/me/sources/{source.pk}/"))
    assert f'action="/me/grants/source/{source.pk}/withdraw/"' in page
    client_for(person).post(f"/me/grants/source/{source.pk}/withdraw/")
    assert list(OpenGrant.objects.filter(person=person).values_list("source", flat=True)) == [other.pk]


def test_page_asks_as_often_for_three_files_as_for_one(browser, source, now):
    _file(source, now)
    one = _queries(browser, source)
    _file(source, now)
    _file(source, now)
    assert _queries(browser, source) == one


def _queries(browser, source):
    browser.get(f"/manage/sources/{source.pk}/")
    with CaptureQueriesContext(connection) as queries:
        browser.get(f"/manage/sources/{source.pk}/")
    return len(queries)
