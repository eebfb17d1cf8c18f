"""Proposing, deciding and taking effect, as the domain says it; what PostgreSQL refuses is in tests/constitution."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts.domain.roles import AlreadyHeld
from accounts.states import Role
from consent.audit.models import Entry
from consent.domain.approvals import approve, execute, propose, reject, send_back, withdraw_proposal
from consent.domain.approvals_mail import remind_deciders
from consent.domain.approvals_refused import (
    NotDecided,
    NotInEffect,
    NotProposed,
    OwnProposal,
    StaleDigest,
    TooFewDeciders,
)
from consent.domain.approvals_seen import facts_of, names_of, standing_of
from consent.domain.matters import PeopleExport, PolicyChange, UnknownMatter, Wording, matter_of, matters
from consent.domain.people_exports import export_people
from consent.domain.role_proposals import NotByApproval, propose_role
from consent.models import ApprovalPolicy, Proposal, PurposeVersion
from consent.states import ProposalKind
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import export as exported
from tests.factories.approvals import opened


def next_wording(**changes) -> Wording:
    current = Wording.of(PurposeVersion.objects.current().get(purpose="scoring"))
    return replace(current, version=current.version + 1, **{"text": "In fewer words.", **changes})


@pytest.fixture
def proposal(founded, now) -> Proposal:
    return propose(next_wording(), by=founded.ottilie, at=now)


def say_yes(proposal, *people, at):
    for person in people:
        approve(proposal, digest=proposal.digest, authenticated_at=timezone.now(), by=person, at=at)


def test_wording_takes_effect_when_two_approved_it(proposal, founded, now):
    say_yes(proposal, founded.piet, founded.stella, at=now)
    execute(proposal, by=founded.ottilie, at=now)

    assert PurposeVersion.objects.current().get(purpose="scoring").text == "In fewer words."
    events = Entry.objects.filter(event__startswith="consent.proposal_").order_by("pk")
    assert [(entry.event, entry.by) for entry in events] == [
        ("consent.proposal_opened", founded.ottilie.pk),
        ("consent.proposal_approved", founded.piet.pk),
        ("consent.proposal_approved", founded.stella.pk),
        ("consent.proposal_executed", founded.ottilie.pk),
    ]


def test_every_entry_carries_the_digest_and_no_words(proposal):
    payload = Entry.objects.get(event="consent.proposal_opened").payload
    assert payload == {
        "proposal": str(proposal.pk),
        "kind": "purpose_version",
        "version": 1,
        "digest": proposal.digest,
    }


def test_author_is_told_that_others_decide(proposal, founded, now):
    own = propose(next_wording(), by=founded.stella, at=now, supersedes=proposal)
    with pytest.raises(OwnProposal, match="Two others decide"):
        say_yes(own, founded.stella, at=now)


def test_other_digest_is_told_to_read_again(proposal, founded, now):
    with pytest.raises(StaleDigest, match="Read it again"):
        approve(proposal, digest="0" * 64, authenticated_at=timezone.now(), by=founded.piet, at=now)


def test_too_early_is_told_what_is_missing(proposal, founded, now):
    say_yes(proposal, founded.piet, at=now)
    with pytest.raises(NotInEffect, match="Too few approvals count"):
        execute(proposal, by=founded.ottilie, at=now)


def test_refused_act_leaves_no_entry(proposal, founded, now):
    with pytest.raises(NotInEffect):
        execute(proposal, by=founded.ottilie, at=now)
    assert not Entry.objects.filter(event="consent.proposal_executed").exists()


@pytest.mark.parametrize(("act", "state"), [(send_back, "sent_back"), (reject, "rejected")])
def test_one_other_stops_it_with_a_reason(proposal, founded, now, act, state):
    act(proposal, digest=proposal.digest, reason="It promises too much.", by=founded.paula, at=now)
    assert standing_of(proposal) == state


def test_author_withdraws(proposal, founded, now):
    withdraw_proposal(proposal, by=founded.ottilie, at=now)
    assert standing_of(proposal) == "withdrawn"
    with pytest.raises(NotDecided, match="not open any more"):
        say_yes(proposal, founded.piet, at=now)


def test_second_proposal_about_the_same_is_refused(proposal, founded, now):
    with pytest.raises(NotProposed, match="Somebody proposed something about this already"):
        propose(next_wording(text="Other."), by=founded.ottilie, at=now)


def test_too_few_are_told_the_way_out(in_acme, now):
    officer = PersonFactory(roles=[Role.OFFICER])
    with pytest.raises(TooFewDeciders, match="an owner can, under People"):
        propose(next_wording(), by=officer, at=now)


def test_facts_show_what_differs_from_the_version_in_force(proposal):
    facts = {fact.label: fact for fact in facts_of(matter_of(proposal), names_of([]))}
    assert facts["What people read"].was.startswith("From the sources you choose")
    assert facts["What people read"].value == "In fewer words."
    assert facts["Legal basis"].was is None


def test_policy_changes_by_proposal(founded, now):
    current = PolicyChange.of(ApprovalPolicy.objects.get(kind="purpose_version", is_current=True))
    proposal = propose(replace(current, version=2, decided_by=["approver", "officer"]), by=founded.omar, at=now)
    say_yes(proposal, founded.piet, founded.paula, at=now)
    execute(proposal, by=founded.omar, at=now)
    assert ApprovalPolicy.objects.get(kind="purpose_version", is_current=True).decided_by == ["approver", "officer"]


def test_role_is_given_and_recorded_about_its_person(founded, now):
    nora = PersonFactory(name="Nora New")
    proposal = propose_role(nora, role=Role.OFFICER, by=founded.omar, at=now)
    say_yes(proposal, founded.piet, founded.paula, at=now)
    execute(proposal, by=founded.omar, at=now)
    assert nora.role_names() == {Role.OFFICER}
    assert Entry.objects.get(event="accounts.role_given").about == nora.pk


def test_role_that_one_alone_gives_is_not_proposed(founded, now):
    with pytest.raises(NotByApproval):
        propose_role(founded.piet, role=Role.AUTHOR, by=founded.omar, at=now)


def test_role_held_already_is_not_proposed(founded, now):
    with pytest.raises(AlreadyHeld):
        propose_role(founded.piet, role=Role.APPROVER, by=founded.omar, at=now)


@pytest.fixture
def export(founded, now) -> Proposal:
    about = PeopleExport([str(founded.stella.pk)], "Uses of the last quarter", "She asked for it.")
    return propose(about, by=founded.ottilie, at=now)


def test_export_about_people_needs_two_others(export, founded, now):
    with pytest.raises(NotInEffect):
        export_people(export, by=founded.ottilie, at=now)


def test_approved_export_is_begun_once_and_told_to_each(export, founded, now):
    say_yes(export, founded.piet, founded.paula, at=now)
    exported = export_people(export, by=founded.ottilie, at=now)
    assert list(exported) == [str(founded.stella.pk)]
    assert Entry.objects.get(event="consent.exported_about").about == founded.stella.pk
    with pytest.raises(NotInEffect, match="in effect already"):
        export_people(export, by=founded.ottilie, at=now)


def test_approval_of_something_else_is_no_export(proposal, founded, now):
    say_yes(proposal, founded.piet, founded.paula, at=now)
    with pytest.raises(UnknownMatter):
        export_people(proposal, by=founded.ottilie, at=now)


def test_every_kind_has_its_matter_its_policy_and_its_fields(founded, fields_in_postgresql):
    assert set(matters()) == set(ProposalKind)
    assert set(ApprovalPolicy.objects.values_list("kind", flat=True)) == set(ProposalKind)
    assert fields_in_postgresql == {
        kind: sorted(field.name for field in fields(matter)) for kind, matter in matters().items()
    }


@pytest.fixture
def fields_in_postgresql(in_acme):
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, consent_payload_fields(kind) FROM consent_approvalpolicy WHERE is_current")
        return dict(cursor.fetchall())


def test_unknown_field_of_a_kind_is_not_read(founded):
    proposal = opened("people_export", exported(founded.stella), author=founded.ottilie)
    proposal.payload = '{"everyone":true}'
    with pytest.raises(UnknownMatter):
        matter_of(proposal)


# Mail


def test_those_who_can_decide_are_asked_each_alone(founded, now):
    proposal = propose(next_wording(), by=founded.ottilie, at=now)
    assert sorted(sent.to for sent in mail.outbox) == [
        ["paula@acme.example"],
        ["piet@acme.example"],
        ["stone@acme.example"],
    ]
    assert f"http://acme.localhost:8000/manage/approvals/{proposal.pk}/" in mail.outbox[0].body
    assert "Ottilie Olsen proposed something" in mail.outbox[0].body


def test_author_is_told_when_it_is_approved(proposal, founded, now):
    mail.outbox.clear()
    say_yes(proposal, founded.piet, founded.stella, at=now)
    (told,) = mail.outbox
    assert (told.to, "all the approvals it needs" in told.body) == (["ottilie@acme.example"], True)


def test_mail_that_does_not_leave_undoes_nothing(founded, now, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    proposal = propose(next_wording(), by=founded.ottilie, at=now)
    assert standing_of(proposal) == "open"
    assert "did not leave" in caplog.text


def test_those_who_have_not_decided_are_reminded_once(proposal, founded, now):
    say_yes(proposal, founded.piet, at=now)
    mail.outbox.clear()
    a_day_ahead = proposal.expires_at - timedelta(hours=23)
    remind_deciders(at=a_day_ahead)
    remind_deciders(at=a_day_ahead)
    assert sorted(sent.to for sent in mail.outbox) == [["paula@acme.example"], ["stone@acme.example"]]


def test_nobody_is_reminded_two_days_ahead(proposal, founded):
    mail.outbox.clear()
    remind_deciders(at=proposal.opened_at)
    assert mail.outbox == []
