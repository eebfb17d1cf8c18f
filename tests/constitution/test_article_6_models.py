"""Article 6 for models of the score: only what two others approved scores, attacked with SQL as the app's own role."""

import json
from dataclasses import asdict, replace
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.states import Role
from consent.domain.approvals import execute, propose
from consent.domain.approvals_refused import NotInEffect, NotProposed
from consent.domain.canonical import canonical, digest_of
from consent.domain.data_uses import data_use
from consent.models import Proposal
from scoring.domain.model_change import ModelChange
from scoring.domain.model_drafts import propose_draft, save_draft
from scoring.domain.model_numbers import Numbers, decay, faults
from scoring.domain.runs import run_scores
from scoring.models import ModelDraft, ModelVersion
from tests.constitution.refusals import refused
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import decided, previewed, two_approvers


@pytest.fixture
def founded(in_acme):
    stella = PersonFactory(roles=[Role.STEWARD])
    piet, paula = two_approvers()
    return SimpleNamespace(stella=stella, piet=piet, paula=paula)


@pytest.fixture
def change(founded):
    numbers = Numbers.of(ModelVersion.objects.get(is_current=True))
    return ModelChange.of(replace(numbers, half_life_days=45), name="Slower", reason="Holidays are longer than that.")


@pytest.fixture
def approved(change, founded, now):
    proposal = propose(change, by=founded.stella, at=now)
    previewed(proposal, founded.piet, founded.paula)
    [decided(proposal, approver) for approver in (founded.piet, founded.paula)]
    return proposal


def test_approved_model_takes_effect_and_the_one_before_retires(approved, founded, now):
    execute(approved, by=founded.stella, at=now)
    first, second = ModelVersion.objects.order_by("number")
    assert (first.is_current, first.retired_at is None) == (False, False)
    assert (second.number, second.is_current, second.proposal) == (2, True, approved.pk)
    assert second.decay == list(decay(45))
    assert second.digest == Numbers.of(second).digest


def test_earlier_model_comes_back_as_a_version_of_its_own(approved, founded, now):
    execute(approved, by=founded.stella, at=now)
    first = ModelVersion.objects.prefetch_related("terms").get(number=1)
    back = propose(ModelChange.of(Numbers.of(first), name=first.name, reason="Too slow."), by=founded.stella, at=now)
    previewed(back, founded.piet, founded.paula)
    [decided(back, approver) for approver in (founded.piet, founded.paula)]
    execute(back, by=founded.stella, at=now)
    assert ModelVersion.objects.get(is_current=True).number == 3
    assert ModelVersion.objects.get(is_current=True).digest == ModelVersion.objects.get(number=1).digest


def test_unapproved_model_takes_no_effect(change, founded, now):
    proposal = propose(change, by=founded.stella, at=now)
    with pytest.raises(NotInEffect):
        execute(proposal, by=founded.stella, at=now)
    with pytest.raises(IntegrityError, match="no approved model"), transaction.atomic():
        _ask("SELECT scoring_model_takes_effect(%s)", proposal.pk)
    assert ModelVersion.objects.count() == 1


def test_effect_cannot_be_had_twice(approved, founded, now):
    execute(approved, by=founded.stella, at=now)
    with pytest.raises(IntegrityError, match="does not follow|no approved model"), transaction.atomic():
        _ask("SELECT scoring_model_takes_effect(%s)", approved.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scoring_modelversion SET half_life_days = 7",
        "UPDATE scoring_modelterm SET weight = 0",
        "DELETE FROM scoring_modelterm",
        "INSERT INTO scoring_modelterm (model_id, kind, weight, halfway) SELECT id, 1, 1, 1 FROM scoring_modelversion",
        "UPDATE consent_matterrule SET done_by = 'scoring_stale_people'",
    ],
)
def test_app_writes_no_model(founded, statement):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        _ask(statement)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"terms": []}, "model_has_terms"),
        ({"terms": [{"kind": 1, "weight": 99, "halfway": 5}]}, "model_weights_add_up"),
        ({"terms": [{"kind": 1, "weight": 50, "halfway": 5}] * 2}, "model_kind_once"),
        ({"terms": [{"kind": 9, "weight": 100, "halfway": 5}]}, "model_terms_in_bounds"),
        ({"terms": [{"kind": 1, "weight": 100, "halfway": 0}]}, "model_terms_in_bounds"),
        ({"terms": [{"kind": 1, "weight": 100, "halfway": 5, "more": 1}]}, "model_terms_in_bounds"),
        ({"terms": [{"kind": 1, "weight": 99.5, "halfway": 5}]}, "model_of_whole_numbers"),
        ({"terms": [{"kind": 1, "weight": "100", "halfway": 5}]}, "model_of_whole_numbers"),
        ({"half_life_days": 6}, "model_in_bounds"),
        ({"minimum_colleagues": 0}, "model_in_bounds"),
        ({"name": " "}, "model_in_bounds"),
        ({"version": 5}, "proposal_about_something"),
    ],
)  # fmt: skip
def test_numbers_that_are_no_model_are_refused_in_postgresql(change, founded, wrong, constraint):
    payload = json.dumps(json.loads(canonical(asdict(change))) | wrong)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Proposal.objects.create(
            kind="scoring_model", payload=payload, digest=digest_of(payload), author=founded.stella.pk
        )
    assert refused.value.__cause__.diag.constraint_name == constraint


def test_refused_numbers_are_said_in_words(change, founded, now):
    numbers = replace(change.numbers, terms={1: (99, 40)})
    draft = save_draft(None, numbers, name="Less", reason="Why not", by=founded.stella, at=now)
    with pytest.raises(NotProposed, match="100 points in all"):
        propose_draft(draft, by=founded.stella, at=now)
    assert ModelDraft.objects.get() == draft


def test_second_model_waits_for_the_first(change, founded, now):
    propose(change, by=founded.stella, at=now)
    with pytest.raises(NotProposed, match="proposed something about this already"):
        propose(replace(change, name="Another"), by=founded.stella, at=now)


def test_run_with_a_model_that_is_not_in_effect_is_refused(approved, founded, now):
    run = run_scores(by=founded.stella, at=now)
    execute(approved, by=founded.stella, at=now)
    with pytest.raises(IntegrityError, match="not of the model in effect"), transaction.atomic():
        _ask_scoring(run, founded.stella, now)


def test_both_engines_fade_alike(founded):
    half_lives = range(7, 366)
    rows = _ask("SELECT array_agg(scoring_decay(days) ORDER BY days) FROM unnest(%s) days", list(half_lives))
    assert [tuple(row) for row in rows] == [decay(days) for days in half_lives]


def test_python_says_what_postgresql_would_refuse(change):
    assert not list(faults(change.numbers))
    assert len(list(faults(replace(change.numbers, half_life_days=1, terms={1: (50, 0)})))) == 3


def _ask(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0] if cursor.description else None


def _ask_scoring(run, by, at):
    with data_use("scoring", by=by, about=None, reason="by hand", at=at):
        _ask("SELECT scoring_run(%s, %s, %s, NULL)", run.pk, run.week, run.model_id)


def test_nobody_approves_a_model_whose_preview_they_have_not_opened(change, founded, now):
    proposal = propose(change, by=founded.stella, at=now)
    with refused("preview_is_there"):
        _ask("INSERT INTO scoring_previewopened (proposal, person) VALUES (%s, %s)", proposal.pk, founded.piet.pk)
    with refused("decision_evidence_opened"):
        decided(proposal, founded.piet)
    previewed(proposal, founded.paula)
    with refused("decision_evidence_opened"):
        decided(proposal, founded.piet)
    decided(proposal, founded.paula)
    decided(proposal, founded.piet, "reject", reason="Unfair.")


def test_preview_beside_a_model_that_is_no_longer_in_effect_does_not_do(change, founded, now, owner_connection):
    proposal = propose(change, by=founded.stella, at=now)
    previewed(proposal, founded.piet)
    owner_connection.execute("UPDATE acme.scoring_modelpreview SET against = repeat('0', 64)")
    with refused("decision_evidence_opened"):
        decided(proposal, founded.piet)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO scoring_modelpreview (digest, against, figures) SELECT digest, digest, '{}' FROM scoring_modelversion",
        "UPDATE scoring_modelpreview SET figures = '{}'",
        "DELETE FROM scoring_previewopened",
        "UPDATE scoring_previewopened SET person = gen_random_uuid()",
    ],
)
def test_previews_are_written_by_their_function_alone(founded, statement):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        _ask(statement)


def test_preview_is_made_under_a_use_alone(founded):
    with pytest.raises(ProgrammingError, match="no data use"), transaction.atomic():
        _ask('SELECT scoring_make_preview(\'2026-11-09\', 30, 3, \'[{"kind": 1, "weight": 100, "halfway": 40}]\')')
