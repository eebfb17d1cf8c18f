"""Each source declares the fields it reads; a word that stands in every other field is found nowhere afterwards."""

import csv
import io
import json
import zipfile
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from accounts.domain import job_runs
from accounts.models import Job, RoleHeld
from accounts.states import Role
from consent.domain.choices import Wish, take_part
from consent.domain.sources import make_source
from consent.states import SourceKind
from scoring.domain import imports
from scoring.models import Import, WeekCount
from tests import postgres
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory

CANARY = "xqcanaryqx"
ADA, BEN = "ada@acme.example", "ben@acme.example"
SECONDS, INSTANT = "1794304800.000100", "2026-11-10T09:00:00+00:00"
OPTIONS = {
    "columns": {"occurred_at": "at", "actor": "who", "kind": "what", "target": "whom"}, "acts": {"replied": "answered"},
}  # fmt: skip


def _zip(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, value in files.items():
            archive.writestr(name, value if isinstance(value, str | bytes) else json.dumps(value))
    return content.getvalue()


def _table(*rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _csv():
    return _table({"at": INSTANT, "who": ADA, "what": "replied", "whom": BEN, "note": CANARY}).encode()


def _slack():
    users = [
        {"id": "UADA", "name": CANARY, "profile": {"email": ADA, "real_name": CANARY, "title": CANARY}},
        {"id": "UBEN", "name": CANARY, "profile": {"email": BEN, "status_text": CANARY}},
    ]
    message = {
        "type": "message", "user": "UADA", "ts": SECONDS, "text": f"{CANARY} <@UBEN> {CANARY}", "client_msg_id": CANARY,
        "blocks": [{"text": CANARY}], "files": [{"name": CANARY}], "reactions": [{"name": CANARY, "users": ["UBEN"]}],
    }  # fmt: skip
    odd = {**message, "ts": CANARY}
    channels = [{"id": "C1", "name": "general", "topic": {"value": CANARY}, "purpose": {"value": CANARY}}]
    lists = {"users.json": users, "channels.json": channels, f"{CANARY}/2026-11-10.json": CANARY}
    return _zip(**lists, **{"general/2026-11-10.json": [message, odd]})


def _viva_engage():
    users = [{"id": 1, "email": ADA, "name": CANARY, "job_title": CANARY}, {"id": 2, "email": BEN, "name": CANARY}]
    message = {
        "id": 10, "sender_id": 1, "replied_to_id": "", "body": f"{CANARY} [[user:2]]", "created_at": INSTANT,
        "in_private_conversation": "false", "deleted_at": "", "message_type": "update", "attachments": CANARY,
        "participants": CANARY, "group_id": CANARY,
    }  # fmt: skip
    messages = _table(message, {**message, "id": 11, "created_at": CANARY})
    return _zip(**{"Users.csv": _table(*(users[0], {**users[1], "job_title": CANARY})), "Messages.csv": messages})


def _teams():
    def person(user):
        return {"User": {"Id": user, "DisplayName": CANARY, "TenantId": CANARY}, "Application": None}

    message = {
        "Id": "1", "From": person("a"), "CreatedDateTime": INSTANT, "MessageType": "message", "ReplyToId": None,
        "DeletedDateTime": None, "ChannelIdentity": {"ChannelId": "c1", "TeamId": CANARY}, "Subject": CANARY,
        "Body": {"Content": CANARY}, "Attachments": [{"Name": CANARY}], "WebUrl": CANARY, "Importance": CANARY,
        "Mentions": [{"MentionText": CANARY, "Mentioned": person("b")}],
        "Reactions": [{"ReactionType": CANARY, "User": person("b")}], "MessageHistory": [{"Actions": CANARY}],
    }  # fmt: skip
    users = [
        {"Id": "a", "Mail": ADA, "DisplayName": CANARY, "JobTitle": CANARY, "MobilePhone": CANARY},
        {"Id": "b", "Mail": BEN, "Surname": CANARY},
    ]
    channels = [{"Id": "c1", "MembershipType": "standard", "DisplayName": CANARY, "Email": CANARY}]
    return _zip(**{
        "users/usersList.json": users,
        "teams/teamsSettings.json": [{"Id": CANARY, "Visibility": "public", "DisplayName": CANARY}],
        f"teams/{CANARY}/channels_{CANARY}.json": channels,
        f"teams/{CANARY}/messages_{CANARY}.json": [message, {**message, "CreatedDateTime": CANARY}],
        f"users/{CANARY}/messages_{CANARY}.json": [message],
    })  # fmt: skip


def _mail():
    headers = (
        f"Received: {CANARY}\nFrom: {CANARY} <{ADA}>\nTo: {CANARY} <{BEN}>\nBcc: {CANARY}@x.example\n"
        f"Subject: {CANARY}\n {CANARY}\nMessage-ID: <1@x>\nX-{CANARY}: {CANARY}\nReferences: <{CANARY}>\n"
    )
    dated = headers + "Date: Tue, 10 Nov 2026 09:00:00 +0000\n"
    return _zip(**{
        f"{CANARY}/cur/1.{CANARY}:2,S": f"{dated}\n{CANARY}\n", f"{CANARY}/new/2.{CANARY}": f"{headers}\n{CANARY}\n",
        f"{CANARY}/{CANARY}.ics": CANARY,
    })  # fmt: skip


def _git():
    return (
        f"commit 1794304800 {ADA}\nReviewed-by: {CANARY} <{BEN}>\nTicket: {CANARY}\n{CANARY}\nReviewed-by: {CANARY}\n"
    ).encode()


FILES = {
    SourceKind.CSV: _csv, SourceKind.SLACK: _slack, SourceKind.VIVA_ENGAGE: _viva_engage, SourceKind.TEAMS: _teams,
    SourceKind.MAIL: _mail, SourceKind.GIT: _git,
}  # fmt: skip


@pytest.fixture
def bob(bob, now):
    """Here he brings in files."""
    RoleHeld.objects.create(person=bob, role=Role.STEWARD, given_at=now)
    return bob


@pytest.fixture
def read(bob, now):
    """Bring in the file of a kind for two people who granted it, and have a worker read it."""

    def read(kind, content):
        source = make_source(name="Here", kind=kind, description="What is read.", by=bob, at=now)
        for address in (ADA, BEN):
            wish = Wish((scoring_wording().pk,), (source.pk,), 4, is_of_age=True)
            take_part(PersonFactory(email=address), wish=wish, at=now)
        taken = imports.take_file(source, chunks=[content], by=bob, at=now)
        options = OPTIONS if kind == SourceKind.CSV else {}
        job = imports.begin_reading(taken, options=options, by=bob, at=now)
        job_runs.run(job.pk, clock=lambda: now)
        return Import.objects.get(pk=taken.pk), Job.objects.get(pk=job.pk)

    return read


@pytest.fixture
def look():
    """The server's own administrator looks past every policy, which bind even the owner."""
    with psycopg.connect(postgres.SERVER_URL, dbname=connection.settings_dict["NAME"]) as link:
        yield link.cursor()


@pytest.fixture
def places(look):
    """Every column of every table of the company and of public in which a word stands, as text or as bytes."""

    def places(word):
        columns = look.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema IN ('acme', 'public') AND table_type = 'BASE TABLE'"
        ).fetchall()
        assert {"scoring_import", "consent_source", "accounts_job"} < {table for _, table, _ in columns}
        return [".".join(column) for column in columns if _stands(look, *column, word)]

    return places


def _stands(look, schema, table, column, word):
    # Bytes are shown in hexadecimal.
    look.execute(
        f'SELECT EXISTS (SELECT FROM "{schema}"."{table}" WHERE "{column}"::text ILIKE ANY (%s))',
        [[f"%{word}%", f"%{word.encode().hex()}%"]],
    )
    return look.fetchone()[0]


@pytest.mark.parametrize("kind", SourceKind.values)
def test_word_of_every_other_field_is_stored_nowhere(read, places, kind):
    content = FILES[kind]()
    assert CANARY.encode() in content or zipfile.is_zipfile(io.BytesIO(content))
    taken, job = read(kind, content)
    assert (taken.state, taken.kept, job.state) == ("done", 1, "done"), job.message
    assert everyones(WeekCount).exists()
    assert places(CANARY) == []
    folders = (Path(settings.UPLOADS_DIR), Path(settings.MEDIA_ROOT or settings.UPLOADS_DIR))
    left = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert not any(CANARY.encode() in path.read_bytes() or CANARY in path.name for path in left)
    assert left == []


def test_search_finds_what_is_stored(read, places):
    """The search above can fail: what a CSV calls its kinds is kept with the receipt, as its declaration says."""
    read(SourceKind.CSV, _csv())
    assert "acme.scoring_import.options" in places("replied")


@pytest.mark.parametrize("kind", SourceKind.values)
def test_every_source_declares_what_it_reads(kind):
    connector = imports.connector_for(type("Kind", (), {"kind": kind}))
    assert all(len(field) == 2 and all(field) for field in connector.FIELDS)
    assert len({name for name, _ in connector.FIELDS}) == len(connector.FIELDS)
    assert all((connector.NEVER, connector.HOW))
