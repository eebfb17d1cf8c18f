"""An employee's home and score pages in a company of 10,000 people and 2 million week counts, beside a bare page."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Person
from accounts.tenants.context import in_schema
from bench.companyful import HOST, SCHEMA, fill_company
from bench.table import Row
from scoring.domain.runs import run_scores
from scoring.states import RunScope

PAGES = {"/me/": "Employee's home", "/me/score/": "Score page", "/manage/figures/": "Team figures, 500 teams"}
WHY, WHY_SECONDS = "/me/score/behind/", 0.1
PEOPLE, COUNTS = 10_000, 2_000_000
SECONDS, CLIENTS = 8, 8
# Published figures of teams of twenty, and the role that may see them.
TEAMS = """
SET search_path = benchfull;
INSERT INTO accounts_team (id, name, made_at)
    SELECT gen_random_uuid(), 'Team ' || i, now()
    FROM generate_series(1, (SELECT count(*) / 20 FROM accounts_person)) i;
INSERT INTO accounts_teammember (person_id, team_id)
    SELECT p.id, t.id FROM (SELECT id, row_number() OVER (ORDER BY id) / 20 AS team FROM accounts_person) p
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS team FROM accounts_team) t USING (team);
INSERT INTO scoring_teamfigure (team_id, week, median, at_least, counted, published_at)
    SELECT t.id, date_trunc('week', now())::date - 7 * w, 45, 15, 20, now()
    FROM accounts_team t, generate_series(1, 8) w;
INSERT INTO accounts_roleheld (person_id, role, given_at)
    SELECT id, 'owner', now() FROM accounts_person ORDER BY id LIMIT 1;
-- The first person has four sources instead of one.
INSERT INTO consent_source (id, name, kind, description, created_at, created_by)
    SELECT gen_random_uuid(), 'Bench ' || i, 'csv', 'Bench', now(), gen_random_uuid() FROM generate_series(2, 4) i;
SET session_replication_role = replica;
WITH first AS (
    SELECT person_id, choice_id, purpose_version_id, counts_from FROM consent_grant ORDER BY person_id LIMIT 1
), more AS (
    INSERT INTO consent_grant (person_id, purpose_version_id, source_id, choice_id, counts_from, granted_at)
    SELECT f.person_id, f.purpose_version_id, s.id, f.choice_id, f.counts_from, now()
    FROM first f, consent_source s WHERE s.name LIKE 'Bench _' RETURNING *
), opened AS (
    INSERT INTO consent_opengrant (grant_id, person_id, purpose, purpose_version_id, source_id, counts_from)
    SELECT id, person_id, 'scoring', purpose_version_id, source_id, counts_from FROM more RETURNING *
)
INSERT INTO scoring_weekcount (person_id, grant_id, kind, week, colleagues)
    SELECT o.person_id, o.grant_id, k, date_trunc('week', now())::date - 7 * w, 1 + (k * 3 + w) % 9
    FROM opened o, generate_series(1, 8) k, generate_series(0, 25) w;
SET session_replication_role = origin;
ANALYZE;
"""


def rows(scale: float) -> list[Row]:
    fill_company(people=int(PEOPLE * scale), counts=int(COUNTS * scale))
    with psycopg.connect(os.environ["BENCH_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(TEAMS)
    with in_schema(SCHEMA):
        person = Person.objects.order_by("pk").first()
    client = Client(SERVER_NAME=HOST)
    with in_schema(SCHEMA):
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    with in_schema(SCHEMA):
        run_scores(by=None, at=timezone.now(), scope=RunScope.FULL)
    times = _server_times(client, ["/bare/", *PAGES])
    why = _server_times(client, [WHY], rounds=60)[WHY]
    pages = [_page_row(client, path, times) for path in PAGES]
    return [*pages, _why_row(client, why), *_request_rows(client)]


def _why_row(client: Client, seconds: float) -> Row:
    with CaptureQueriesContext(connection) as queries:
        client.get(WHY)
    what = f"Why-page, 26 weeks, 8 kinds, 4 sources, {len(queries)} queries"
    return Row(what, f"{seconds * 1000:.1f} ms", f"{WHY_SECONDS * 1000:.0f} ms", seconds / WHY_SECONDS, "at most 1 ×")


def _page_row(client: Client, path: str, times: dict[str, float]) -> Row:
    ours, bare = times[path], times["/bare/"]
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    what = f"{PAGES[path]}, {len(queries)} queries"
    return Row(what, f"{ours * 1000:.1f} ms", f"{bare * 1000:.1f} ms bare page", ours / bare, "at most 3 ×")


def _server_times(client: Client, paths: list[str], rounds: int = 300) -> dict[str, float]:
    """Median seconds inside the server, middleware and database included; by turns, so that all share the weather."""
    times: dict[str, list[float]] = {path: [] for path in paths}
    for _ in range(rounds):
        for path in paths:
            start = time.perf_counter()
            response = client.get(path)
            times[path].append(time.perf_counter() - start)
            if response.status_code != 200:
                raise RuntimeError(f"{path} answered {response.status_code}")
    return {path: median(each[rounds // 10 :]) for path, each in times.items()}


def _request_rows(client: Client) -> list[Row]:
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={client.cookies[name].value}"
    with _web() as (port, process):
        bare = _load(port, "/bare/", cookie, process)
        home = _load(port, "/me/", cookie, process)
    return [
        Row(
            f"Requests a second of the home page, {CLIENTS} connections, 2 workers × 4 threads",
            f"{home[0]:.0f}/s, {home[1] * 1000:.1f} ms CPU each",
            f"{bare[0]:.0f}/s, {bare[1] * 1000:.1f} ms CPU bare page",
            home[0] / bare[0],
            "report",
        ),
    ]


@contextmanager
def _web():
    """Gunicorn as in production, on a free port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings"}
    process = subprocess.Popen(
        [sys.executable, *command], env=environment, start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        _wait(f"http://127.0.0.1:{port}/livez")
        yield port, process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _wait(url: str) -> None:
    for _ in range(100):
        try:
            urlopen(url, timeout=1)  # noqa: S310 - our own server
        except (URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} does not answer")


def _load(port: int, path: str, cookie: str, process: subprocess.Popen) -> tuple[float, float]:
    """Requests a second, and CPU seconds of the web processes for each."""
    end, counts = time.monotonic() + SECONDS, [0] * CLIENTS
    before = _cpu_of_children(process)
    threads = [threading.Thread(target=_ask, args=(port, path, cookie, end, counts, i)) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS, (_cpu_of_children(process) - before) / max(sum(counts), 1)


def _ask(port: int, path: str, cookie: str, end: float, counts: list[int], index: int) -> None:
    link = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Host": HOST, "Cookie": cookie}
    while time.monotonic() < end:
        link.request("GET", path, headers=headers)
        response = link.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}")
        counts[index] += 1


def _cpu_of_children(process: subprocess.Popen) -> float:
    """CPU seconds so far of the server's process group, from /proc."""
    ticks = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == process.pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
