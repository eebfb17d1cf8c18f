"""Asking for an export, watching it, and downloading it in one piece or several."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.domain import job_runs, jobs
from accounts.models import Job
from accounts.states import JobState, Role
from accounts.tenants.context import in_schema
from consent.domain import export_files
from consent.domain.choices import stay_out
from consent.domain.ledger_exports import order_export, write_export
from consent.models import LedgerExport
from tests.browsing import plain
from tests.factories.accounts import PersonFactory

ADDRESS = "/compliance/ledger/exports/"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "exports"


@pytest.fixture
def officer(in_acme):
    return PersonFactory(name="Ottilie Olsen", roles=[Role.OFFICER])


@pytest.fixture
def browser(client_for, officer):
    return client_for(officer)


def _ordered(officer, text=""):
    return order_export(text, format_name="jsonl", by=officer, at=timezone.now(), zone=timezone.get_current_timezone())


@pytest.fixture
def export(officer, bob, now):
    """A file of one entry, ready."""
    stay_out(bob, at=now)
    export = _ordered(officer)
    job_runs.run(export.job.pk, clock=timezone.now)
    return LedgerExport.objects.get(pk=export.pk)


@pytest.fixture
def content(export):
    return export_files.path_of(export.pk).read_bytes()


def _file(browser, export, **headers):
    return browser.get(f"{ADDRESS}{export.pk}/file/", headers=headers)


def _body(answer):
    return b"".join(answer.streaming_content)


def test_order_leads_to_the_page_of_its_export(browser, bob, now):
    stay_out(bob, at=now)

    page = plain(browser.post(ADDRESS, {"q": "event:StayedOut", "format": "csv"}, follow=True))

    assert "Waiting for a worker" in page
    assert "event:StayedOut" in page
    assert LedgerExport.objects.get().format == "csv"


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"q": "event:Nonsense", "format": "csv"}, "there is no such kind of entry"),
        ({"q": "", "format": "docx"}, "Choose one of these kinds of file."),
        ({"q": ""}, "Choose a kind of file."),
    ],
)
def test_order_not_understood_is_kept_and_explained(browser, answers, sentence):
    page = browser.post(ADDRESS, answers)

    assert page.status_code == 422
    assert sentence in plain(page)
    assert f'value="{answers["q"]}"' in plain(page) or not answers["q"]


def test_query_comes_along_from_the_ledger(browser):
    assert 'value="event:StayedOut"' in plain(browser.get(ADDRESS, {"q": "event:StayedOut"}))


def test_whole_file_is_sent_with_what_a_resuming_reader_needs(browser, export, content):
    answer = _file(browser, export)

    assert (answer.status_code, _body(answer)) == (200, content)
    assert {name: answer[name] for name in ("Accept-Ranges", "Content-Length", "ETag", "Content-Type")} == {
        "Accept-Ranges": "bytes",
        "Content-Length": str(len(content)),
        "ETag": f'"{export.sha256}"',
        "Content-Type": "application/jsonl",
    }
    assert answer["Content-Disposition"] == (
        f'attachment; filename="ledger-{export.made_at:%Y-%m-%d}-{export.pk.hex[:8]}.jsonl"'
    )


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-7", -7, None), ("bytes=5-999999", 5, None)],
)
def test_range_is_sent_alone(browser, export, content, asked, first, last):
    answer = _file(browser, export, range=asked)

    part = content[first:last]
    begin = content.index(part) if first >= 0 else len(content) + first
    assert (answer.status_code, _body(answer), answer["Content-Length"]) == (206, part, str(len(part)))
    assert answer["Content-Range"] == f"bytes {begin}-{begin + len(part) - 1}/{len(content)}"


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0"])
def test_range_behind_the_end_is_not_satisfiable(browser, export, content, asked):
    answer = _file(browser, export, range=asked)
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(content)}")


@pytest.mark.parametrize("asked", ["bytes=9-5", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes=x-y"])
def test_what_is_no_single_range_gets_the_whole(browser, export, content, asked):
    answer = _file(browser, export, range=asked)
    assert (answer.status_code, _body(answer)) == (200, content)


def test_download_goes_on_with_the_very_same_file_alone(browser, export, content):
    same = _file(browser, export, **{"range": "bytes=10-", "if-range": f'"{export.sha256}"'})
    other = _file(browser, export, **{"range": "bytes=10-", "if-range": '"another"'})

    assert (same.status_code, _body(same)) == (206, content[10:])
    assert (other.status_code, _body(other)) == (200, content)


def test_head_says_how_large_it_is(browser, export, content):
    answer = browser.head(f"{ADDRESS}{export.pk}/file/", headers={"range": "bytes=0-1"})
    assert (answer.status_code, answer["Content-Length"]) == (200, str(len(content)))


def test_expired_file_says_so_and_can_be_made_again(browser, export):
    LedgerExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = _file(browser, export)

    assert answer.status_code == 410
    assert "Expired: make it again" in plain(answer)
    again = browser.post(ADDRESS, {"q": export.query, "format": export.format})
    assert (again.status_code, LedgerExport.objects.count()) == (302, 2)


def test_file_that_was_lost_says_what_to_do(browser, export):
    export_files.path_of(export.pk).unlink()
    answer = _file(browser, export)
    assert (answer.status_code, "Make it again" in plain(answer)) == (410, True)


def test_file_not_made_yet_is_not_found(browser, officer):
    assert _file(browser, _ordered(officer)).status_code == 404


def test_waiting_export_can_be_cancelled(browser, officer):
    export = _ordered(officer)

    page = plain(browser.post(f"{ADDRESS}{export.pk}/cancel/", follow=True))

    assert "It was cancelled before its end" in page
    assert Job.objects.get().state == JobState.CANCELLED


def test_running_export_shows_how_far_it_is(browser, officer):
    export = _ordered(officer)
    jobs.progress(jobs.lease(export.job.pk, at=timezone.now()), 1234, 5000, "Writing entries")

    page = plain(browser.get(f"{ADDRESS}{export.pk}/"))

    assert "Writing entries" in page
    assert "1,234 of 5,000" in page


@pytest.mark.parametrize("path", ["", "file/", "cancel/"])
def test_export_of_another_company_is_not_found(browser, charlie, path):
    with in_schema("globex"):
        export = _ordered(PersonFactory(roles=[Role.OFFICER]))
        write_export(jobs.lease(export.job.pk, at=timezone.now()), clock=timezone.now)
    ask = browser.post if path == "cancel/" else browser.get

    assert ask(f"{ADDRESS}{export.pk}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "{}/", "{}/file/", "{}/cancel/"])
def test_who_may_not_read_the_ledger_exports_nothing(client_for, bob, export, path):
    client = client_for(bob)
    assert {client.get(ADDRESS + path.format(export.pk)).status_code} <= {403}
    assert client.post(ADDRESS + path.format(export.pk)).status_code == 403


def test_list_asks_as_often_for_three_exports_as_for_one(browser, officer, django_assert_num_queries):
    _ordered(officer)
    browser.get(ADDRESS)
    with CaptureQueriesContext(connection) as one:
        browser.get(ADDRESS)
    for _ in range(2):
        _ordered(officer, "event:StayedOut")

    with django_assert_num_queries(len(one)):
        page = plain(browser.get(ADDRESS))
    assert page.count("Being made") == 3
