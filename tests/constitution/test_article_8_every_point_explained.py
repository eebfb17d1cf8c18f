"""Article 8: the parts of a score add up to it exactly, and what was explained cannot be rewritten."""

import pytest
from django.db import IntegrityError, ProgrammingError

from consent.domain.choices import Wish, take_part
from consent.models import Participation
from scoring.models import Score
from tests.conftest import scoring_wording
from tests.everyones import everyones
from tests.factories.accounts import PersonFactory
from tests.factories.consent import SourceFactory


@pytest.fixture
def participation(schema, now):
    person = PersonFactory()
    wish = Wish(purpose_versions=(scoring_wording().pk,), sources=(SourceFactory().pk,), is_of_age=True)
    take_part(person, wish=wish, at=now)
    return Participation.objects.get(person=person)


@pytest.fixture
def add_score(participation, engine_sql, now):
    def add(value, kinds, points, colleagues):
        engine_sql(
            "INSERT INTO scoring_run (model_id, scope, week, started_at, finished_at, people)"
            " SELECT id, 'full', '2026-11-16', %s, %s, 1 FROM scoring_modelversion WHERE is_current",
            now,
            now,
        )
        engine_sql(
            "INSERT INTO scoring_score (run_id, person_id, participation_id, value, kinds, points, colleagues)"
            " SELECT max(id), %s, %s, %s, %s, %s, %s FROM scoring_run",
            participation.person_id,
            participation.pk,
            value,
            kinds,
            points,
            colleagues,
        )

    return add


def test_score_whose_parts_add_up_is_stored(add_score, participation):
    add_score(1250, [1, 2], [1000, 250], [6_000_000, 1_000_000])
    assert everyones(Score).get(person=participation.person_id).value == 1250


@pytest.mark.parametrize(
    ("value", "kinds", "points", "colleagues"),
    [
        (1251, [1, 2], [1000, 250], [1, 1]),
        (1250, [1], [1000, 250], [1, 1]),
        (1000, [1], [1000], []),
        (10_000, [1], [10_000], [1]),
        (1, [], [], []),
    ],
)
def test_score_whose_parts_do_not_add_up_is_refused(add_score, value, kinds, points, colleagues):
    with pytest.raises(IntegrityError, match="score_parts_add_up|score_below_hundred"):
        add_score(value, kinds, points, colleagues)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE scoring_score SET value = 9999",
        "UPDATE scoring_modelterm SET weight = 100",
        "INSERT INTO scoring_modelversion (number) VALUES (2)",
        "ALTER TABLE scoring_score DROP CONSTRAINT score_parts_add_up",
        "CREATE OR REPLACE FUNCTION scoring_total(smallint[]) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'",
    ],
)
def test_app_role_cannot_rewrite_scores_or_models(schema, run_sql, attack):
    with pytest.raises(ProgrammingError, match="permission denied|must be owner|no data use"):
        run_sql(attack)


def test_weights_of_the_current_model_add_up_to_100(schema, run_sql):
    assert run_sql(
        "SELECT sum(weight) FROM scoring_modelterm t JOIN scoring_modelversion m ON m.id = t.model_id WHERE m.is_current",
    ) == [(100,)]
