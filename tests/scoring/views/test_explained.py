"""What is behind a score, as its person reads it."""

import re
import subprocess
import sys
import zipfile
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tenants.context import in_schema
from consent.models import OpenGrant
from scoring.domain.runs import last_full_week, run_scores
from scoring.models import Score, WeekCount
from tests.browsing import plain
from tests.everyones import everyones

BEHIND = "/me/score/behind/"


@pytest.fixture
def count(alice):
    everyones(OpenGrant).filter(person=alice).update(counts_from="2020-01-06")

    def make(weeks_ago, kind, colleagues):
        grant = everyones(OpenGrant).get(person=alice)
        week = last_full_week(timezone.now()) - timedelta(weeks=weeks_ago)
        return everyones(WeekCount).create(
            person_id=alice.pk, grant_id=grant.pk, kind=kind, week=week, colleagues=colleagues
        )

    return make


@pytest.fixture
def page_of(client_for, alice):
    client = client_for(alice)

    def get(address, **more):
        answer = client.get(address, more)
        return plain(answer)

    return get


def scored(alice):
    with in_schema("acme"):
        run_scores(by=None, at=timezone.now())
        return everyones(Score).filter(person=alice).latest("run_id")


def test_each_part_names_its_sources_and_weeks(alice, count, page_of):
    count(0, 1, 12)
    count(1, 1, 7)
    scored(alice)
    page = page_of(BEHIND)
    assert "from 2 weeks" in page
    assert "12 different colleagues" in page
    assert "All of it comes from Slack." in page
    assert "Most of it rests on one week" in page


def test_leaving_a_source_out_is_shown_before_it_is_decided(alice, count, page_of, slack):
    count(0, 1, 12)
    score = scored(alice)
    page = page_of(f"/me/score/without/{slack.pk}/")
    assert str(Decimal(score.value) / 100) in page
    assert "you would have no score" in page
    assert everyones(WeekCount).filter(person=alice).count() == 1


def test_what_moved_since_an_earlier_week_adds_up(alice, count, page_of, make_score):
    count(0, 1, 12)
    count(1, 1, 7)
    make_score(alice, {1: 300}, weeks_ago=5)
    score = scored(alice)
    page = page_of(BEHIND)
    (table,) = re.findall(r'<table class="waterfall">(.*?)</table>', page)
    numbers = re.findall(r'<td class="number">([^<]+)</td>', table)
    *parts, total = [Decimal(n.replace("−", "-").replace("+", "")) for n in numbers]
    assert sum(parts) == total == Decimal(score.value - 300) / 100


def test_small_file_gives_the_very_same_score(alice, count, client_for, tmp_path):
    count(0, 1, 12)
    count(2, 4, 3)
    scored(alice)
    answer = client_for(alice).get("/me/score/check.zip")
    zipfile.ZipFile(BytesIO(answer.content)).extractall(tmp_path)
    said = subprocess.run(
        [sys.executable, "score/recompute.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "That is the score you were given, to the last digit." in said.stdout


def test_whoever_has_no_score_is_told_so(alice, client_for, slack):
    client = client_for(alice)
    assert client.get(BEHIND).url == "/me/score/"
    assert client.get(f"/me/score/without/{slack.pk}/").url == "/me/score/"


def test_source_that_is_not_read_cannot_be_left_out(alice, count, client_for):
    count(0, 1, 12)
    scored(alice)
    assert client_for(alice).get("/me/score/without/7d0a3f3e-5a0c-4a4e-9a53-0f6c9f2f0001/").status_code == 404


def test_nonsense_for_a_week_is_the_week_before(alice, count, page_of, make_score):
    count(0, 1, 12)
    make_score(alice, {1: 300}, weeks_ago=5)
    scored(alice)
    assert "it was 3.00" in page_of(BEHIND, since="2026-99-99")


@pytest.mark.parametrize("weeks", [1, 3])
def test_queries_do_not_grow_with_the_weeks(alice, count, client_for, weeks):
    [count(ago, 1, 12) for ago in range(weeks)]
    scored(alice)
    client = client_for(alice)
    client.get(BEHIND)
    with CaptureQueriesContext(connection) as queries:
        client.get(BEHIND)
    assert len(queries) == 14
