"""Nothing to attack: no pair of people is stored, exported or shown. The test reads every column of every table.

Whoever wants to know who dealt with whom could look for a row that names both, for a value that stands with exactly
these two, or refine colours over all that is stored (Weisfeiler and Leman) until people can be told apart by their
neighbours. Twelve people deal in a ring: each with the two beside them, so that by their counts all are alike, and
whatever tells neighbours from strangers has come from who they dealt with.
"""

from collections import defaultdict
from datetime import timedelta
from itertools import combinations
from zipfile import ZipFile

import psycopg
import pytest
from django.db import connection

from accounts.domain import job_runs, jobs
from accounts.models import Job, RoleHeld
from accounts.states import Role
from consent.domain import export_files
from consent.domain.access_exports import order_access_export, write_access_export
from consent.domain.choices import Wish, take_part
from consent.domain.sources import make_source
from consent.states import SourceKind
from scoring.domain import imports
from scoring.domain.runs import run_scores
from scoring.models import Score, WeekCount
from tests import postgres
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory

PEOPLE, LONG = 12, 12
OPTIONS = {
    "columns": {"occurred_at": "at", "actor": "who", "kind": "what", "target": "whom"},
    "acts": {"answered": "answered"},
}
RING = {(n, (n + 1) % PEOPLE) for n in range(PEOPLE)}
TRIANGLES = {(n, n + 1 if n % 3 < 2 else n - 2) for n in range(PEOPLE)}


@pytest.fixture
def bob(bob, now):
    """Here he brings in files."""
    RoleHeld.objects.create(person=bob, role=Role.STEWARD, given_at=now)
    return bob


@pytest.fixture
def people(in_acme):
    return [PersonFactory(email=f"ring{n:02}@acme.example", name=f"Ring Number{n:02}") for n in range(PEOPLE)]


@pytest.fixture
def bring_in(people, bob, now):
    """Have everybody grant a source and a worker read a file in which these pairs deal with each other both ways."""
    source = make_source(name="Here", kind=SourceKind.CSV, description="Dealings.", by=bob, at=now - timedelta(hours=9))
    wish = Wish((scoring_wording().pk,), (source.pk,), 26, is_of_age=True)
    for person in people:
        take_part(person, wish=wish, at=now - timedelta(hours=9))

    def bring_in(pairs):
        lines = ["at,who,what,whom"]
        both = sorted(pairs) + sorted((b, a) for a, b in pairs)
        for week in range(1, 8):
            at = (now - timedelta(weeks=week)).isoformat()
            lines += [f"{at},{people[a].email},answered,{people[b].email}" for a, b in both]
        taken = imports.take_file(source, chunks=["\n".join(lines).encode()], by=bob, at=now)
        job = imports.begin_reading(taken, options=OPTIONS, by=bob, at=now)
        job_runs.run(job.pk, clock=lambda: now)
        assert Job.objects.get(pk=job.pk).state == "done"
        run_scores(by=None, at=now)

    return bring_in


@pytest.fixture
def look():
    """The server's own administrator looks past every policy, which bind even the owner."""
    with psycopg.connect(postgres.SERVER_URL, dbname=connection.settings_dict["NAME"]) as link:
        yield link.cursor()
        link.rollback()


@pytest.fixture
def stored(look):
    """Every value of every row of the company and of public, as text: (table, {column: value})."""

    def stored():
        tables = look.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema IN ('acme', 'public') AND table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table in tables:
            look.execute(f'SELECT * FROM "{schema}"."{table}"')
            columns = [each.name for each in look.description]
            for row in look.fetchall():
                yield table, dict(zip(columns, map(_text, row), strict=True))

    return stored


def _text(value):
    return value.hex() if isinstance(value, bytes | memoryview) else str(value)


# Everybody together, and none as the other's colleague: whom a use was about, in the order of opaque ids.
TOGETHER = {"consent_datause.readable", "consent_datause.tables"}


def _named_in(text, people):
    return frozenset(n for n, p in enumerate(people) if str(p.pk) in text or p.email in text or p.name in text)


def pairs_found(rows, people):
    """Pairs whom a row names, or with whom alone a value stands: whatever a refinement of colours could begin with."""
    found, bearers = set(), defaultdict(set)
    for table, row in rows:
        kept = {name: value for name, value in row.items() if f"{table}.{name}" not in TOGETHER}
        named = _named_in(" ".join(kept.values()), people)
        found |= set(combinations(sorted(named), 2))
        for n in named:
            for name, value in kept.items():
                # A short number means something in its own column only.
                bearers[value if len(value) >= LONG else (table, name, value)].add(n)
    return found | {tuple(sorted(them)) for them in bearers.values() if len(them) == 2}


def neighbours(pairs):
    return {tuple(sorted(pair)) for pair in pairs}


def test_no_row_and_no_value_tells_who_dealt_with_whom(bring_in, stored, people):
    bring_in(RING)
    assert everyones(Score).filter(value__gt=0).count() == PEOPLE
    assert pairs_found(stored(), people) == set()


def test_search_finds_a_pair_that_is_stored(bring_in, stored, people, look):
    """The search above can fail: by a row that names both, and by a value that both bear."""
    bring_in(RING)
    a, b, c = (people[n].pk for n in (0, 1, 2))
    look.execute("CREATE TABLE acme.planted (one uuid, mark text)")
    look.execute(f"INSERT INTO acme.planted VALUES ('{a}', 'with {b}'), ('{b}', 'k7'), ('{c}', 'k7')")
    assert pairs_found(stored(), people) == {(0, 1), (1, 2)}


def test_other_dealings_with_the_same_counts_leave_the_same_rows(bring_in, people):
    """Twelve in a ring, or in four triangles: who dealt with whom is not in what is kept."""
    bring_in(RING)
    ring = _kept(people)
    bring_in(TRIANGLES)
    assert neighbours(RING) != neighbours(TRIANGLES)
    assert _kept(people) == ring


def _kept(people):
    numbers = {person.pk: n for n, person in enumerate(people)}
    counts = everyones(WeekCount).values_list("person", "kind", "week", "colleagues")
    scores = everyones(Score).order_by("person", "-run").distinct("person")
    return (
        sorted((numbers[person], *rest) for person, *rest in counts),
        sorted((numbers[s.person_id], s.value, *s.colleagues) for s in scores),
    )


def test_own_file_names_no_colleague(bring_in, people, now):
    bring_in(RING)
    export = order_access_export(people[0], by=people[0], at=now)
    write_access_export(jobs.lease(export.job.pk, at=now), clock=lambda: now)
    with ZipFile(export_files.path_of(export.pk)) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace")
            assert _named_in(text, people) <= {0}, name


@pytest.mark.parametrize(
    "path", ["/manage/sources/", "/manage/runs/", "/manage/models/", "/compliance/", "/manage/figures/"]
)
def test_pages_about_everybody_name_nobody(bring_in, people, client_for, path):
    bring_in(RING)
    reader = PersonFactory(roles=[Role.STEWARD, Role.OFFICER, Role.OWNER])
    answer = client_for(reader).get(path)
    assert (answer.status_code, _named_in(answer.content.decode(), people)) == (200, frozenset())
