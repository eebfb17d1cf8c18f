"""The pages of bias audits: a file in, figures out, and the public page."""

import json
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.states import Role
from scoring.models import BiasAudit
from tests.factories.accounts import PersonFactory

NEW = "/manage/models/audits/new/"
GROUPS = [{"names": ["Men"], "people": 6, "above": 5}, {"names": ["Women"], "people": 8, "above": 2}]
FIGURES = {
    "people": 14, "above": 7, "pairs": [],
    "attributes": [{"name": "Sex", "hidden": 0, "unknown": 0, "groups": GROUPS}],
}  # fmt: skip


@pytest.fixture
def steward(in_acme):
    return PersonFactory(roles=[Role.STEWARD])


@pytest.fixture
def client(client_for, steward):
    return client_for(steward)


@pytest.fixture
def audit(steward, owner_connection):
    """As the engine would have written it."""
    try:
        [pk] = owner_connection.execute(
            "INSERT INTO acme.scoring_biasaudit (model_id, week, figures, audited_at) SELECT id, '2026-11-09', %s, %s"
            " FROM acme.scoring_modelversion WHERE is_current RETURNING id",
            [json.dumps(FIGURES), datetime(2026, 11, 18, tzinfo=UTC)],
        ).fetchone()
        yield BiasAudit.objects.get(pk=pk)
    finally:
        owner_connection.execute("DELETE FROM acme.scoring_biasaudit")


def upload(client, text):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(NEW, {"file": SimpleUploadedFile("who.csv", content, "text/csv")})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty."),
        ("\n\n", "The file is empty."),
        ("name,sex\na,b\n", "first column must be called"),
        ("address\na@acme.example\n", "There are 0 columns beside the address"),
        ("address,a,b,c,d,e\n", "There are 5 columns beside the address"),
        ("address,sex,Sex\n", "heading of its own"),
        ("address,sex\n", "no line below the headings"),
        ("address,sex\na@acme.example,x,y\n", "Line 2 has 3 columns. The heading has 2."),
        ("address,sex\na@acme.example,x\nA@acme.example,y\n", "Lines 2 and 3 have the same address"),
        (b"address,sex\na@acme.example,\xff\n", "no text in UTF-8"),
        ("address,sex\na@acme.example," + "x" * 61, "longer than 60 letters"),
        ("address,name\n" + "".join(f"p{i}@acme.example,n{i}\n" for i in range(40)), "40 different texts or more"),
        ("address,sex\n" + "x" * 2_200_000, "larger than 2 MB"),
        ("address,sex\n" + "x" * 4_000_000, "at most 2 MB"),
        ("address;sex\na@acme.example;x\n", "Fewer than five people have a score"),
    ],
)  # fmt: skip
def test_what_cannot_be_audited_is_said(client, text, sentence):
    answer = upload(client, text)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not BiasAudit.objects.exists()


def test_large_file_is_never_written_to_disk(client, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "nowhere")
    assert upload(client, "address,sex\n" + "x" * 4_000_000).status_code == 422


def test_forged_upload_is_refused(client_for, steward):
    client = client_for(steward)
    client.handler.enforce_csrf_checks = True
    assert upload(client, "address,sex\na@acme.example,x\n").status_code == 403


def test_audit_is_shown_as_page_csv_and_pdf(client, audit):
    page = client.get(f"/manage/models/audits/{audit.pk}/").content.decode()
    assert "0.30 (below 0.80)" in page
    rows = client.get(f"/manage/models/audits/{audit.pk}/audit.csv").content.decode().splitlines()
    assert rows[3] == "1,2026-11-09,2026-11-18,Sex,Women,8,0.2500,0.3000"
    assert client.get(f"/manage/models/audits/{audit.pk}/audit.pdf").content.startswith((b"%PDF", b"<!doctype"))
    assert "not published" in client.get("/manage/models/audits/").content.decode()


def test_anybody_reads_it_once_a_steward_has_published_it(client, client_for, audit):
    stranger = client_for()
    assert "No audit is published." in stranger.get("/bias-audit/").content.decode()
    assert stranger.get("/bias-audit/audit.csv").status_code == 404
    client.post(f"/manage/models/audits/{audit.pk}/publish/")
    assert "Local Law 144" in stranger.get("/bias-audit/").content.decode()
    assert "Sex,Women,8" in stranger.get("/bias-audit/audit.csv").content.decode()
