"""Sources and files: what a steward brings in, maps, reads the receipt of, or gives up."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.domain import job_runs
from accounts.models import Job, RoleHeld
from accounts.states import Role
from consent.audit.models import Entry
from consent.domain.sources import make_source
from consent.states import SourceKind
from scoring.domain import raw_files
from scoring.models import Import
from tests.browsing import plain
from tests.factories.accounts import PersonFactory

ROWS = (
    "at,who,kind,whom\n"
    "2026-11-10T09:00:00Z,a@acme.example,replied,b@acme.example\n"
    "yesterday,a@acme.example,replied,b@acme.example\n"
)
COLUMNS = {"occurred_at": "at", "actor": "who", "kind": "kind", "target": "whom"}
MAPPING = {**COLUMNS, "kinds_of": "kind", "kind_0": "answered"}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path


@pytest.fixture
def steward(in_acme, now):
    steward = PersonFactory(name="Stella Stone")
    RoleHeld.objects.create(person=steward, role=Role.STEWARD, given_at=now)
    return steward


@pytest.fixture
def browser(client_for, steward):
    return client_for(steward)


@pytest.fixture
def source(steward, now):
    return make_source(name="Team room", kind=SourceKind.CSV, description="Replies.", by=steward, at=now)


@pytest.fixture
def upload(browser, source):
    def upload(content=ROWS, to=source):
        file = BytesIO(content.encode() if isinstance(content, str) else content)
        file.name = "interactions.csv"
        return browser.post(f"/manage/sources/{to.pk}/upload/", {"file": file})

    return upload


@pytest.fixture
def mapping(upload):
    """The address at which an uploaded file waits to be told what its columns mean."""
    return upload().headers["Location"]


def test_file_is_uploaded_mapped_read_and_receipted(browser, mapping):
    assert "“replied”" in plain(browser.get(mapping))
    browser.post(mapping, MAPPING)
    job_runs.run(Job.objects.get().pk, clock=timezone.now)
    done = Import.objects.get()
    page = plain(browser.get(f"/manage/imports/{done.pk}/"))
    assert '<td class="number">1</td>' in page
    assert "line 3" in page
    assert "a@acme.example" not in page
    faults = browser.get(f"/manage/imports/{done.pk}/malformed.csv")
    assert faults.content.decode().splitlines()[1].startswith("line 3,")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("", "The file is empty"), (ROWS.encode("utf-16"), "UTF-16"), ("at,who\n1,2\n", "fewer than four headers")],
)
def test_bad_file_is_refused_with_a_sentence_and_not_kept(upload, content, sentence, now):
    answer = upload(content)
    assert (answer.status_code, Import.objects.count()) == (422, 0)
    assert sentence in plain(answer)
    assert raw_files.uploads_older_than(now.replace(year=2099)) == set()


def test_upload_without_a_file_is_told_to_choose_one(browser, source):
    answer = browser.post(f"/manage/sources/{source.pk}/upload/")
    assert (answer.status_code, "Choose the file" in plain(answer)) == (422, True)


def test_export_that_is_no_zip_is_refused_at_the_door(upload, steward, now):
    slack = make_source(name="Chat", kind=SourceKind.SLACK, description="Chat.", by=steward, at=now)
    answer = upload("hello", to=slack)
    assert (answer.status_code, "not a zip file" in plain(answer)) == (422, True)


def test_retired_source_takes_nothing(browser, upload, source):
    browser.post(f"/manage/sources/{source.pk}/retire/")
    answer = upload()
    assert (answer.status_code, "retired" in plain(answer)) == (422, True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"target": ""}, "Choose the column for “Towards whom"),
        ({"target": "who"}, "share a column"),
        ({"target": "elsewhere"}, "Select a valid choice"),
        ({"kind_0": ""}, "Every kind is left out"),
        ({"kind_0": "kissed"}, "Select a valid choice"),
    ],
)
def test_unfit_mapping_says_why_and_keeps_the_file(browser, mapping, change, sentence):
    answer = browser.post(mapping, MAPPING | change)
    assert answer.status_code == 422
    assert sentence in plain(answer)
    assert Import.objects.get().state == "uploaded"


def test_other_column_of_kinds_is_asked_about_before_anything_is_read(browser, upload):
    address = upload("at,who,what,whom,kind\n2026-11-10,a@x,thanked,b@x,chat\n").headers["Location"]
    chosen = COLUMNS | {"kind": "what", "kinds_of": "kind", "kind_0": "answered"}
    page = plain(browser.post(address, chosen))
    assert "These are the kinds in “what”." in page
    assert "“thanked”" in page
    assert Import.objects.get().state == "uploaded"

    browser.post(address, chosen | {"kinds_of": "what", "kind_0": "reacted"})
    assert Import.objects.get().options["acts"] == {"thanked": "reacted"}


def test_column_of_addresses_is_no_column_of_kinds(browser, mapping):
    """Kinds are kept with the receipt: an address must never be one."""
    answer = browser.post(mapping, MAPPING | {"kind": "who", "actor": "kind", "kinds_of": "who"})
    assert (answer.status_code, "or addresses" in plain(answer)) == (422, True)


def test_file_given_up_is_deleted_and_on_the_record(browser, mapping):
    taken = Import.objects.get()
    browser.post(f"/manage/imports/{taken.pk}/discard/")
    assert not raw_files.path_of(taken.pk).exists()
    assert Entry.objects.filter(event="scoring.file_given_up").exists()
    assert browser.get(mapping).status_code == 404


@pytest.mark.parametrize("address", ["/manage/sources/", "/manage/sources/new/", "/manage/sources/{}/"])
def test_who_may_not_manage_sources_is_refused(client_for, bob, source, address):
    assert client_for(bob).get(address.format(source.pk)).status_code == 403


def test_pages_ask_as_often_for_three_as_for_one(browser, upload, source, steward, now):
    upload()
    addresses = ["/manage/sources/", f"/manage/sources/{source.pk}/"]
    ones = [_queries(browser, address) for address in addresses]
    for name in ("Chat", "Mail"):
        upload()
        make_source(name=name, kind=SourceKind.CSV, description="More.", by=steward, at=now)
    assert [_queries(browser, address) for address in addresses] == ones


def _queries(browser, address):
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        browser.get(address)
    return len(queries)
