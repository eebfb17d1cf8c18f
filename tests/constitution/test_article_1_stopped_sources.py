"""Article 1, for a source that is stopped: the app's own role takes nothing in from it, by whichever way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.states import Role
from consent.domain.choices import Wish, monday_of, take_part
from consent.domain.data_uses import data_use
from consent.domain.sources import start_source, stop_source
from consent.models import OpenGrant
from consent.states import PurposeKey
from scoring.domain.inboxes import open_inbox
from scoring.models import Sighting, WeekCount, WeekKey
from tests.conftest import scoring_wording
from tests.constitution.refusals import refused
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

TAKE = "SELECT scoring_take_events(%s, sha256(%s), ARRAY[%s], '{1}', '{2}', '{x@x.example}', ARRAY[%s::date])"
APPLY = "SELECT scoring_apply_counts(%s, '{}', ARRAY[%s]::bigint[], '{1}', ARRAY[%s::date], ARRAY[%s])"
FILE = (
    "INSERT INTO scoring_import (id, source_id, state, uploaded_at, uploaded_by, size, sha256, options, read, kept,"
    " not_granted, private, malformed, left_out, counts_written, partial_weeks, faults) VALUES (gen_random_uuid(), %s,"
    " 'uploaded', now(), gen_random_uuid(), 1, '', '{}', 0, 0, 0, 0, 0, 0, 0, '{}', '[]') RETURNING id"
)


@pytest.fixture
def steward(schema):
    return PersonFactory(roles=[Role.STEWARD])


@pytest.fixture
def source(steward):
    source = SourceFactory()
    open_inbox(source, service="github", secret="a long secret", by=steward, at=timezone.now())
    return source


@pytest.fixture
def ada(source):
    person = PersonFactory()
    wish = Wish((scoring_wording().pk,), (source.pk,), 4, is_of_age=True)
    take_part(person, wish=wish, at=timezone.now())
    return person


@pytest.fixture
def week():
    return monday_of(timezone.now())


@pytest.fixture
def apply(ada, source, run_sql, week):
    """Have a number counted, as an import does."""

    def apply(number):
        grant = OpenGrant.objects.get(person=ada).pk
        with data_use(PurposeKey.SCORING, by=None, about=[ada.pk], reason="x", at=timezone.now()):
            run_sql(APPLY, source.pk, grant, week - timedelta(days=7), number)

    return apply


@pytest.fixture
def stop(source, steward):
    return lambda: stop_source(source, by=steward, at=timezone.now())


def test_no_file_is_taken_in_or_goes_on(source, stop, run_sql):
    [(waiting,)] = run_sql(FILE, source.pk)
    stop()
    with refused("source_is_not_stopped"):
        run_sql(FILE, source.pk)
    with refused("source_is_not_stopped"):
        run_sql("UPDATE scoring_import SET state = 'ready' WHERE id = %s", waiting)
    run_sql("UPDATE scoring_import SET state = 'cancelled' WHERE id = %s", waiting)


def test_no_count_comes_about_or_changes(apply, stop, ada):
    apply(3)
    stop()
    with refused("source_is_not_stopped"):
        apply(9)
    assert everyones(WeekCount).get(person=ada).colleagues == 3


def test_no_count_comes_about_where_none_was(apply, stop):
    stop()
    with refused("source_is_not_stopped"):
        apply(3)


def test_no_event_is_taken_in_and_open_weeks_are_forgotten(source, stop, ada, run_sql, week):
    run_sql(TAKE, source.pk, b"1", ada.email, week)
    assert everyones(Sighting).exists()
    stop()
    assert (everyones(Sighting).exists(), everyones(WeekKey).exists()) == (False, False)
    with refused("source_is_not_stopped"):
        run_sql(TAKE, source.pk, b"2", ada.email, week)


def test_started_again_it_is_read_again(source, steward, stop, apply, ada):
    stop()
    start_source(source, by=steward, at=timezone.now())
    apply(3)
    assert everyones(WeekCount).get(person=ada).colleagues == 3
