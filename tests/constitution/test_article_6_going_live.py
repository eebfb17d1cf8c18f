"""Articles 6 and 8: nobody is scored before two others switched scoring on, nor after one switched it off."""

import pytest
from django.db import Error, transaction
from django.utils import timezone

from accounts.states import Role
from scoring.domain.live import (
    AlreadyOff,
    NotPrepared,
    ScoringIsOff,
    is_on,
    prepare,
    propose_going_live,
    switch_off,
)  # fmt: skip
from scoring.domain.runs import run_scores
from scoring.models import Preparedness, Run, Switch
from scoring.states import Preparation
from tests.constitution.refusals import refused
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import decided, executed, opened, two_approvers

OFF = "INSERT INTO scoring_switch (is_on, reason, switched_by) VALUES (false, 'x', %s)"


@pytest.fixture
def owner(schema):
    return PersonFactory(roles=[Role.OWNER])


@pytest.fixture
def approvers(schema):
    return two_approvers()


@pytest.fixture
def off(owner):
    switch_off(reason="A fault.", by=owner, at=timezone.now())


@pytest.fixture
def prepared(owner):
    for kind in Preparation:
        overseer = owner if kind is Preparation.OVERSEER else None
        prepare(kind, text="Done.", overseer=overseer, by=owner, at=timezone.now())


def approved(days, owner, approvers):
    proposal = opened("go_live", {"notice_days": days, "reason": "It is mended."}, author=owner)
    [decided(proposal, approver) for approver in approvers]
    return proposal


def test_nobody_is_scored_while_it_is_off_and_again_when_two_others_switched_it_on(owner, approvers, off, prepared):
    with pytest.raises(ScoringIsOff):
        run_scores(by=None, at=timezone.now())
    assert not Run.objects.exists()
    executed(approved(0, owner, approvers), owner)
    run_scores(by=None, at=timezone.now())
    assert Run.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO scoring_run (model_id, scope, week, started_at, finished_at, people)"
        " SELECT id, 'full', '2026-11-16', now(), now(), 1 FROM scoring_modelversion WHERE is_current",
        "INSERT INTO scoring_switch (is_on, reason, switched_by) SELECT true, 'x', id FROM accounts_person LIMIT 1",
        "UPDATE scoring_switch SET is_on = true",
        "DELETE FROM scoring_switch",
        "TRUNCATE scoring_switch",
        "SELECT scoring_goes_live(gen_random_uuid())",
        "UPDATE scoring_preparedness SET recorded_at = '2020-01-01'",
        "DELETE FROM scoring_preparedness",
    ],
)
def test_app_role_switches_nothing_on_and_scores_nobody(off, prepared, run_sql, statement):
    with pytest.raises(Error, match="permission denied|scoring is off|two others switch it on|no approved going live"):
        run_sql(statement)
    assert not is_on()


def test_notice_cannot_be_dated_back(owner, run_sql):
    run_sql("INSERT INTO scoring_preparedness (kind, text, recorded_at, recorded_by) VALUES ('notice', 'x', '2020-01-01', %s)",
            owner.pk)  # fmt: skip
    assert Preparedness.objects.get().recorded_at.year > 2025


@pytest.mark.parametrize("missing", Preparation)
def test_nothing_goes_live_unprepared_even_if_two_approved_it(owner, approvers, off, missing):
    for kind in set(Preparation) - {missing}:
        overseer = owner if kind is Preparation.OVERSEER else None
        prepare(kind, text="Done.", overseer=overseer, by=owner, at=timezone.now())
    with pytest.raises(NotPrepared, match=missing.label.lower()):
        propose_going_live(notice_days=0, reason="x", by=owner, at=timezone.now())
    proposal = approved(0, owner, approvers)
    with refused("go_live_when_prepared"), transaction.atomic():
        executed(proposal, owner)
    assert not is_on()


def test_notice_has_to_be_out_for_the_days_that_were_approved(owner, approvers, off, prepared):
    with pytest.raises(NotPrepared, match="notice"):
        propose_going_live(notice_days=10, reason="x", by=owner, at=timezone.now())
    proposal = approved(1, owner, approvers)
    with refused("go_live_when_prepared"), transaction.atomic():
        executed(proposal, owner)


def test_overseer_who_has_left_is_none(owner, approvers, off, prepared):
    gone = PersonFactory()
    prepare(Preparation.OVERSEER, text="She does.", overseer=gone, by=owner, at=timezone.now())
    gone.is_active = False
    gone.save()
    with pytest.raises(NotPrepared, match="oversees"):
        propose_going_live(notice_days=0, reason="x", by=owner, at=timezone.now())


def test_one_approval_is_too_few(owner, approvers, off, prepared):
    proposal = opened("go_live", {"notice_days": 0, "reason": "x"}, author=owner)
    decided(proposal, approvers[0])
    with refused("execution_is_approved"):
        executed(proposal, owner)


@pytest.mark.parametrize("told", [{"notice_days": -1}, {"notice_days": "0"}, {"reason": " "}])
def test_proposal_that_is_no_going_live_is_refused(owner, approvers, off, told):
    with refused("go_live_in_bounds"):
        opened("go_live", {"notice_days": 0, "reason": "x", **told}, author=owner)


def test_what_is_on_is_not_switched_on(owner, approvers):
    with refused("proposal_about_something"):
        opened("go_live", {"notice_days": 0, "reason": "x"}, author=owner)


@pytest.mark.parametrize(("role", "may"), [(Role.OWNER, True), (Role.OFFICER, True), (Role.STEWARD, True),
                                           (Role.APPROVER, False), (Role.AUTHOR, False), (None, False)])  # fmt: skip
def test_who_may_switch_it_off_alone(schema, run_sql, role, may):
    person = PersonFactory(roles=[role] if role else [])
    if may:
        run_sql(OFF, person.pk)
    else:
        with refused("switch_off_by_whom"):
            run_sql(OFF, person.pk)
    assert is_on() is not may


def test_it_is_switched_off_once(owner, off):
    with pytest.raises(AlreadyOff):
        switch_off(reason="Again.", by=owner, at=timezone.now())


def test_new_company_is_off(schema, owner_connection):
    owner_connection.execute(f"DELETE FROM {schema}.scoring_switch")
    try:
        with pytest.raises(ScoringIsOff):
            run_scores(by=None, at=timezone.now())
        assert Switch.objects.first() is None
    finally:
        owner_connection.execute(f"ALTER TABLE {schema}.scoring_switch DISABLE TRIGGER USER")
        owner_connection.execute(
            f"INSERT INTO {schema}.scoring_switch (id, is_on, reason, switched_by) OVERRIDING SYSTEM VALUE"
            " VALUES (1, true, 'x', gen_random_uuid())"
        )
        owner_connection.execute(f"ALTER TABLE {schema}.scoring_switch ENABLE TRIGGER USER")
