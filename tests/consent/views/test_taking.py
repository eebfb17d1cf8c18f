"""Ordering one's own file, watching it, and downloading it in one piece or several, as often as one likes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.domain import job_runs, jobs
from accounts.models import Job
from accounts.states import JobState
from accounts.tenants.context import in_schema
from consent.domain import export_files
from consent.domain.access_exports import order_access_export
from consent.domain.choices import leave
from consent.models import AccessExport, Obligation
from tests.browsing import plain

ADDRESS = "/me/data/take/"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "exports"


@pytest.fixture
def browser(client_for, alice):
    return client_for(alice)


@pytest.fixture
def export(alice):
    """A file, ready."""
    export = order_access_export(alice, by=alice, at=timezone.now())
    job_runs.run(export.job.pk, clock=timezone.now)
    return AccessExport.objects.get(pk=export.pk)


@pytest.fixture
def content(export):
    return export_files.path_of(export.pk).read_bytes()


def _file(browser, export, **headers):
    return browser.get(f"{ADDRESS}{export.pk}/file/", headers=headers)


def test_one_press_orders_it(browser, alice):
    page = plain(browser.post(ADDRESS, follow=True))

    assert "Waiting for a worker" in page
    assert Obligation.objects.get().reference in page
    assert AccessExport.objects.get().person == alice


def test_my_data_leads_there(browser):
    assert f'href="{ADDRESS}"' in plain(browser.get("/me/data/"))


def test_progress_is_told_in_words(browser, alice):
    export = order_access_export(alice, by=alice, at=timezone.now())
    jobs.progress(jobs.lease(export.job.pk, at=timezone.now()), 1234, None, "Who used your data")

    page = plain(browser.get(ADDRESS))

    assert "Who used your data" in page
    assert "1,234 rows so far" in page


def test_file_is_sent_again_and_again(browser, export, content):
    answers = [_file(browser, export) for _ in range(3)]

    assert [b"".join(answer.streaming_content) for answer in answers] == [content] * 3
    assert answers[0]["Content-Disposition"] == f'attachment; filename="my-data-{export.made_at:%Y-%m-%d}.zip"'
    assert answers[0]["Cache-Control"] == "no-store, private"


def test_download_that_broke_off_goes_on(browser, export, content):
    first = _file(browser, export, range="bytes=0-99")
    rest = _file(browser, export, **{"range": "bytes=100-", "if-range": first["ETag"]})

    assert (first.status_code, rest.status_code) == (206, 206)
    assert b"".join([*first.streaming_content, *rest.streaming_content]) == content
    assert rest["Content-Range"] == f"bytes 100-{len(content) - 1}/{len(content)}"


def test_page_tells_until_when_and_how_large(browser, export):
    page = plain(browser.get(ADDRESS))
    assert "Your file is ready" in page
    assert f"{export.rows} rows" in page
    assert export.sha256 in page


def test_file_whose_week_is_over_is_gone(browser, export):
    AccessExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = _file(browser, export)

    assert (answer.status_code, "no longer there" in plain(answer)) == (410, True)
    assert "The last file is deleted" in plain(browser.get(ADDRESS))


def test_after_leaving_the_file_is_gone_and_the_page_says_why(browser, export, alice):
    leave(alice, at=timezone.now())
    assert _file(browser, export).status_code == 410
    assert "you took back a yes, and the file went" in plain(browser.get(ADDRESS))


def test_file_that_was_lost_says_what_to_do(browser, export):
    export_files.path_of(export.pk).unlink()
    answer = _file(browser, export)
    assert (answer.status_code, "Make it again" in plain(answer)) == (410, True)


def test_waiting_order_can_be_cancelled(browser, alice):
    export = order_access_export(alice, by=alice, at=timezone.now())

    page = plain(browser.post(f"{ADDRESS}{export.pk}/cancel/", follow=True))

    assert "It was stopped before its end" in page
    assert Job.objects.get().state == JobState.CANCELLED


def test_finished_file_cannot_be_cancelled(browser, export):
    answer = browser.post(f"{ADDRESS}{export.pk}/cancel/")
    assert answer.status_code == 409


@pytest.mark.parametrize("path", ["file/", "cancel/"])
def test_nobody_else_reaches_it(client_for, bob, export, path):
    client = client_for(bob)
    ask = client.post if path == "cancel/" else client.get
    assert ask(f"{ADDRESS}{export.pk}/{path}").status_code == 404


def test_file_of_another_company_is_not_found(client_for, charlie, export):
    assert client_for(charlie, "globex").get(f"{ADDRESS}{export.pk}/file/").status_code == 404
    with in_schema("globex"):
        assert AccessExport.objects.count() == 0


def test_who_takes_no_part_takes_their_data_too(client_for, bob):
    browser = client_for(bob)
    browser.post(ADDRESS)
    job_runs.run(Job.objects.get().pk, clock=timezone.now)
    assert "Your file is ready" in plain(browser.get(ADDRESS))
