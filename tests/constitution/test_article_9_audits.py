"""Article 9 for bias audits: nobody picks whom a figure is about, and nobody writes one. Attacked with SQL."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.states import Role
from consent.domain.choices import Wish, take_part
from consent.domain.data_uses import data_use
from consent.models import PurposeVersion
from tests.factories.accounts import PersonFactory

AUDIT = "SELECT scoring_audit_model(ARRAY['Sex'], %s::uuid[], %s::text[])"


@pytest.fixture
def steward(in_acme):
    return PersonFactory(roles=[Role.STEWARD])


def test_audit_without_a_data_use_is_refused(alice):
    with pytest.raises(ProgrammingError, match="no data use"), transaction.atomic():
        _ask(AUDIT, [alice.pk], ["x"])


def test_audit_under_a_use_for_something_else_is_refused(alice, now):
    use = data_use("own_view", by=alice, about=[alice.pk], reason="x", at=now)
    with pytest.raises(ProgrammingError, match="no data use for the purpose team_figures"), use:
        _ask(AUDIT, [alice.pk], ["x"])


def test_audit_of_people_one_picks_is_refused(counted, steward, now):
    use = data_use("team_figures", by=steward, about=[counted.pk], reason="x", at=now)
    with pytest.raises(ProgrammingError, match="everybody who is counted"), use:
        _ask(AUDIT, [counted.pk], ["x"])


@pytest.mark.parametrize(("people", "texts"), [(1, 2), (0, 1)])
def test_answers_must_fit_the_people(steward, now, people, texts):
    use = data_use("team_figures", by=steward, about=None, reason="x", at=now)
    with pytest.raises(IntegrityError, match="audit_attributes_few"), use:
        _ask(AUDIT, [uuid4() for _ in range(people)], ["x"] * texts)


def test_cells_alone_are_of_no_use(in_acme):
    with pytest.raises(ProgrammingError, match='relation "answer" does not exist'), transaction.atomic():
        _ask("SELECT scoring_audit_cells(ARRAY['Sex'])")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO scoring_biasaudit (model_id, week, figures, audited_at) SELECT id, now(), '{}', now() FROM scoring_modelversion",
        "UPDATE scoring_biasaudit SET figures = '{}'",
        "UPDATE scoring_biasaudit SET week = now()",
        "DELETE FROM scoring_biasaudit",
    ],
)
def test_app_writes_no_audit(in_acme, statement):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        _ask(statement)


@pytest.fixture
def counted(slack, now):
    """Said yes to figures about groups."""
    person = PersonFactory()
    wordings = PurposeVersion.objects.current().filter(purpose__in=["scoring", "team_figures"])
    wish = Wish(tuple(wordings.values_list("pk", flat=True)), (slack.pk,), is_of_age=True)
    take_part(person, wish=wish, at=now)
    return person


def _ask(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
