"""Article 1, for events as they come: the app’s own role reads no key, writes no sighting and closes no week early."""

import pytest
from django.db import Error
from django.utils import timezone

from accounts.states import Role
from consent.domain.choices import Wish, monday_of, take_part
from consent.domain.data_uses import data_use, own_view
from consent.states import PurposeKey
from scoring.domain.inboxes import open_inbox
from scoring.models import Sighting
from tests.conftest import scoring_wording
from tests.constitution.refusals import refused
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory

TAKE = "SELECT scoring_take_events(%s, sha256(%s), ARRAY[%s], '{1}', '{2}', '{x@x.example}', ARRAY[%s::date])"
CLOSE = "SELECT scoring_close_week(%s, %s)"


@pytest.fixture
def source(schema):
    source = SourceFactory()
    steward = PersonFactory(roles=[Role.STEWARD])
    open_inbox(source, service="github", secret="a long secret", by=steward, at=timezone.now())
    return source


@pytest.fixture
def ada(source):
    person = PersonFactory()
    wish = Wish((scoring_wording().pk,), (source.pk,), is_of_age=True)
    take_part(person, wish=wish, at=timezone.now())
    return person


@pytest.fixture
def this_week():
    return monday_of(timezone.now())


@pytest.fixture
def sighted(source, ada, run_sql, this_week):
    run_sql(TAKE, source.pk, b"1", ada.email, this_week)
    assert everyones(Sighting).count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT key FROM scoring_weekkey",
        "SELECT * FROM scoring_weekkey",
        "UPDATE scoring_weekkey SET key = 'x'",
        "DELETE FROM scoring_weekkey",
        "INSERT INTO scoring_weekkey (source_id, week, key) VALUES (gen_random_uuid(), '2026-11-16', 'x')",
        "DELETE FROM scoring_sighting",
        "INSERT INTO scoring_sighting (person_id, grant_id, kind, week, colleague)"
        " SELECT person_id, grant_id, 1, '2026-11-16', 'x' FROM consent_opengrant",
        "UPDATE scoring_inbox SET closed_through = NULL",
        "DELETE FROM scoring_delivery",
        "INSERT INTO scoring_handle (person_id, grant_id, source_id, handle)"
        " SELECT person_id, grant_id, source_id, 'x' FROM consent_opengrant",
    ],
)
def test_inbox_is_written_by_its_functions_alone_and_its_keys_are_read_by_nobody(sighted, ada, run_sql, statement):
    with pytest.raises(Error, match="permission denied"), own_view(ada, reason="x", at=timezone.now()):
        run_sql(statement)


def test_sightings_are_not_read_without_a_use(sighted, run_sql):
    with pytest.raises(Error, match="no data use"):
        run_sql("SELECT * FROM scoring_sighting")


def test_nothing_is_written_for_whoever_has_not_granted(source, run_sql, this_week):
    stranger = PersonFactory()
    run_sql(TAKE, source.pk, b"1", stranger.email, this_week)
    assert not everyones(Sighting).exists()


def test_nothing_is_taken_in_for_a_source_without_inbox(ada, run_sql, this_week):
    with refused("inbox_is_open"):
        run_sql(TAKE, SourceFactory().pk, b"1", ada.email, this_week)


def test_week_is_not_closed_before_it_is_over_nor_without_a_use(sighted, source, ada, run_sql, this_week):
    with pytest.raises(Error, match="no data use"):
        run_sql(CLOSE, source.pk, this_week)
    use = data_use(PurposeKey.SCORING, by=None, about=[ada.pk], reason="x", at=timezone.now())
    with use, refused("week_closed_when_over"):
        run_sql(CLOSE, source.pk, this_week)


def test_handles_are_named_under_a_use_alone(source, ada, run_sql):
    with pytest.raises(Error, match="no data use"):
        run_sql("SELECT scoring_name_handles(%s, '{x}', ARRAY[%s])", source.pk, ada.email)
