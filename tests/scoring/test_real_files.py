"""Real files of three kinds, read with half of their people taking part, against sums made here in another way.

They are not part of the project: without them these tests skip.
"""

import csv
import gzip
import json
import os
import zipfile
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from accounts.domain import job_runs
from accounts.models import Person, RoleHeld
from accounts.states import Role
from consent.domain.choices import Wish, take_part
from consent.domain.sources import make_source
from consent.states import SourceKind
from scoring.domain import imports
from scoring.models import Import, WeekCount
from scoring.states import Act, Kind
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory

DATA = Path(os.environ.get("ASSENT_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real interaction data is not on this machine (ASSENT_DATA)"),
]


@pytest.fixture
def bob(bob, now):
    """Here he brings in files."""
    RoleHeld.objects.create(person=bob, role=Role.STEWARD, given_at=now)
    return bob


class Company:
    """Half of some people take part at an instant, with one source, as far back as they may."""

    def __init__(self, kind, addresses, *, at, by):
        self.by = by
        self.source = make_source(name="Real", kind=kind, description="Real.", by=by, at=at)
        self.granted = set(sorted(addresses)[::2])
        for address in self.granted:
            wish = Wish((scoring_wording().pk,), (self.source.pk,), 26, is_of_age=True)
            take_part(PersonFactory(email=address), wish=wish, at=at)

    def read(self, content, *, at, options=None, addresses=()):
        taken = imports.take_file(self.source, chunks=[content], addresses=addresses, by=self.by, at=at)
        job = imports.begin_reading(taken, options=options or {}, by=self.by, at=at)
        job_runs.run(job.pk, clock=lambda: at)
        done = Import.objects.get(pk=taken.pk)
        assert done.state == "done", done.job.message
        return done

    def counts(self):
        emails = dict(Person.objects.values_list("pk", "email"))
        rows = everyones(WeekCount).values_list("person_id", "kind", "week", "colleagues")
        return {(emails[person], kind, week): colleagues for person, kind, week, colleagues in rows}


def _sums(rows, granted, since):
    """(person, kind, Monday) → different colleagues: the plainest way to say it."""
    met = defaultdict(set)
    for day, actor, act, target in rows:
        monday = day - timedelta(days=day.weekday())
        if actor != target and target and monday >= since - timedelta(days=since.weekday(), weeks=26):
            met[actor, Kind[act.upper()].value, monday].add(target)
            met[target, Kind[f"{act.upper()}_BY"].value, monday].add(actor)
    return {key: len(colleagues) for key, colleagues in met.items() if key[0] in granted}


def _rows(name):
    with gzip.open(DATA / name, "rt") as file:
        return list(csv.DictReader(file))


def _options(when, **acts):
    columns = {"occurred_at": when, "actor": "actor_email", "kind": "kind", "target": "target_email"}
    return {"columns": columns, "acts": acts}


def test_mail_of_a_company(in_acme, bob):
    rows = _rows("enron-messages.csv.gz")
    acts = {"message_to": "answered", "message_cc": ""}
    granted_at = datetime(2001, 6, 30, 12, tzinfo=UTC)
    people = {row["actor_email"] for row in rows} | {row["target_email"] for row in rows}
    company = Company(SourceKind.CSV, people, at=granted_at, by=bob)
    content = gzip.decompress((DATA / "enron-messages.csv.gz").read_bytes())

    done = company.read(content, at=datetime(2003, 1, 1, tzinfo=UTC), options=_options("occurred_at", **acts))

    told = [
        (datetime.fromisoformat(row["occurred_at"]).date(), row["actor_email"], acts[row["kind"]], row["target_email"])
        for row in rows
        if acts[row["kind"]]
    ]
    assert company.counts() == _sums(told, company.granted, granted_at.date())
    before_2000 = sum(row["occurred_at"] < "2000" for row in rows)
    assert (done.read, done.malformed) == (len(rows), before_2000)


def test_reviews_of_a_public_project(in_acme, bob):
    rows = _rows("u-boot-interactions.csv.gz")
    granted_at = datetime(2026, 1, 14, 12, tzinfo=UTC)
    acts = {"reviewed-by": "reviewed", "acked-by": "answered", "tested-by": "reacted", "cc": "", "authored": ""}
    told = [
        (datetime.fromtimestamp(int(row["ts"]), UTC).date(), row["actor_email"], acts[row["kind"]], row["target_email"])
        for row in rows
        if acts.get(row["kind"])
    ]
    lively = {actor for day, actor, _, _ in told if day.year >= 2025}
    company = Company(SourceKind.CSV, lively, at=granted_at, by=bob)
    content = gzip.decompress((DATA / "u-boot-interactions.csv.gz").read_bytes())

    done = company.read(content, at=datetime(2026, 11, 18, tzinfo=UTC), options=_options("ts", **acts))

    assert company.counts() == _sums(told, company.granted, granted_at.date())
    assert done.read == len(rows)


def test_export_of_a_chat(in_acme, bob):
    path = DATA / "slack-export-sample.zip"
    with zipfile.ZipFile(path) as archive:
        address_of = {
            user["id"]: f"{user['id'].lower()}@acme.example" for user in json.loads(archive.read("users.json"))
        }
        channels = tuple(channel["name"] + "/" for channel in json.loads(archive.read("channels.json")))
        days = [name for name in archive.namelist() if name.startswith(channels) and name.endswith(".json")]
        messages = [message for name in days for message in json.loads(archive.read(name))]
    company = Company(SourceKind.SLACK, address_of.values(), at=datetime(2016, 4, 1, 12, tzinfo=UTC), by=bob)
    listed = "".join(f"{slack},{address}\n" for slack, address in address_of.items()).encode()

    done = company.read(path.read_bytes(), at=datetime(2016, 6, 1, tzinfo=UTC), addresses=[listed])

    assert (done.read, done.private, done.malformed) == (len(messages), 0, 0)
    reactions = {
        (message.get("user"), user)
        for message in messages for reaction in message.get("reactions", ()) for user in reaction["users"]
    }  # fmt: skip
    assert len(reactions) == 1
    told = {kind: colleagues for (_, kind, _), colleagues in company.counts().items()}
    granted = {slack for slack, address in address_of.items() if address in company.granted}
    ((author, reactor),) = reactions
    assert told.get(Kind.REACTED) == (1 if reactor in granted and author != reactor else None)
    assert told.get(Kind.REACTED_BY) == (1 if author in granted and author != reactor else None)


def test_acts_and_kinds_pair():
    """The sums above rely on it."""
    assert {f"{act.value.upper()}_BY" for act in Act} <= set(Kind.__members__)
