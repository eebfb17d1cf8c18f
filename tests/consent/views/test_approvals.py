"""The inbox: who sees what, what one must prove, and that looking decides nothing."""

import re
from dataclasses import asdict, replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.states import Role
from accounts.tenants.context import in_schema
from consent.domain.approvals import approve, execute, propose
from consent.domain.approvals_seen import standing_of
from consent.domain.matters import PolicyChange, RoleGift, Wording
from consent.models import ApprovalPolicy, Decision, Proposal, PurposeVersion
from tests.browsing import plain
from tests.factories.accounts import PASSWORD, PersonFactory
from tests.factories.approvals import two_approvers

INBOX = "/manage/approvals/"


def wording(**changes) -> dict:
    current = asdict(Wording.of(PurposeVersion.objects.current().get(purpose="scoring")))
    return current | {"version": 2, "text": "In fewer words."} | changes


@pytest.fixture
def proposal(founded, now) -> Proposal:
    return propose(Wording(**wording()), by=founded.ottilie, at=now)


@pytest.fixture
def page(proposal) -> str:
    return f"{INBOX}{proposal.pk}/"


def proven(client):
    """Give the password again, as the page asks."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def say_yes(proposal, *people, at):
    for person in people:
        approve(proposal, digest=proposal.digest, authenticated_at=timezone.now(), by=person, at=at)


# Looking


def test_what_waits_is_in_the_inbox_of_those_who_can_decide(client_for, founded, proposal):
    shown = [
        person.name
        for person in vars(founded).values()
        if str(proposal.pk) in plain(client_for(person).get(INBOX + "?show=waiting"))
    ]
    assert shown == ["Stella Stone", "Piet Peters", "Paula Park"]


def test_what_one_decided_on_waits_no_longer(client_for, founded, proposal, now):
    say_yes(proposal, founded.piet, at=now)
    assert "Nothing waits for you" in plain(client_for(founded.piet).get(INBOX))


def test_author_finds_it_among_their_own(client_for, founded, proposal):
    assert str(proposal.pk) in plain(client_for(founded.ottilie).get(INBOX))


def test_what_is_over_stands_among_the_decided(client_for, founded, proposal, page):
    client_for(founded.ottilie).post(f"{page}withdraw/")
    assert "withdrawn" in plain(client_for(founded.piet).get(INBOX + "?show=decided"))


def test_page_shows_the_frozen_words_and_what_they_replace(client_for, founded, page, proposal):
    shown = plain(client_for(founded.piet).get(page))
    assert "In fewer words." in shown
    assert '<del class="change change--was">From the sources you choose' in shown
    assert proposal.digest in shown
    assert "Paula Park, Piet Peters, Stella Stone can still decide." in shown


def test_author_reads_who_can_decide_and_gets_no_button(client_for, founded, page):
    shown = plain(client_for(founded.ottilie).get(page))
    assert "You wrote this, so others decide. Paula Park, Piet Peters, Stella Stone can." in shown
    assert f"{page}approve/" not in shown
    assert "Confirm that it is you" not in shown


def test_whoever_has_no_part_in_it_does_not_find_it(client_for, founded, page):
    assert client_for(founded.omar).get(page).status_code == 404
    assert client_for(PersonFactory()).get(page).status_code == 403


def test_person_whom_it_is_about_may_read_and_refuse_it(client_for, founded, now):
    nora = PersonFactory(roles=[Role.AUTHOR])
    gift = propose(RoleGift(str(nora.pk), "steward"), by=founded.omar, at=now)
    client = client_for(nora)
    assert "it is about you" in plain(client.get(f"{INBOX}{gift.pk}/"))
    client.post(f"{INBOX}{gift.pk}/withdraw/")
    assert standing_of(gift) == "withdrawn"


@pytest.mark.parametrize("act", ["", "approve/", "send-back/", "reject/", "withdraw/", "execute/", "revise/"])
def test_another_companys_proposal_is_not_found(client_for, founded, page, globex, act):
    with in_schema("globex"):
        stranger = two_approvers()[0]
    client = client_for(stranger, "globex")
    answer = client.post(f"{page}{act}", {"digest": "x", "reason": "y"}) if act else client.get(page)
    assert answer.status_code == 404
    assert not Decision.objects.exists()


@pytest.mark.parametrize("act", ["approve/", "send-back/", "reject/", "withdraw/", "execute/"])
def test_looking_decides_nothing(client_for, founded, page, act):
    assert client_for(founded.piet).get(f"{page}{act}").status_code == 405
    assert not Decision.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "head", "options"])
def test_no_other_verb_of_http_decides(client_for, founded, page, method):
    client = proven(client_for(founded.piet))
    answers = [getattr(client, method)(f"{page}{act}/") for act in ("approve", "reject", "withdraw", "execute")]
    assert {answer.status_code for answer in answers} <= {200, 405}
    assert (Decision.objects.count(), Proposal.objects.get().state) == (0, "open")


@pytest.mark.parametrize("path", ["approve-all/", "approve/", "bulk/"])
def test_nothing_decides_on_many_at_once(client_for, founded, path):
    assert client_for(founded.piet).post(f"{INBOX}{path}").status_code == 404


@pytest.mark.parametrize("show", ["waiting", "mine", "decided"])
def test_list_takes_one_number_of_queries(client_for, founded, now, show):
    numbers = []
    for _ in range(3):
        gift = propose(RoleGift(str(PersonFactory().pk), "steward"), by=founded.omar, at=now)
        if show == "decided":
            say_yes(gift, founded.piet, founded.paula, at=now)
            client_for(founded.omar).post(f"{INBOX}{gift.pk}/execute/")
        client = client_for(founded.omar if show == "mine" else founded.piet)
        with CaptureQueriesContext(connection) as queries:
            shown = plain(client.get(f"{INBOX}?show={show}"))
        numbers.append(len(queries))
    assert numbers[0] == numbers[2]
    assert shown.count("/manage/approvals/") >= 3


# Deciding


def test_approving_asks_for_the_password_first(client_for, founded, page, proposal):
    client = client_for(founded.piet)
    answer = client.post(f"{page}approve/", {"digest": proposal.digest})
    assert answer.url == f"/accounts/reauthenticate/?next={page.replace('/', '%2F')}"
    assert not Decision.objects.exists()


def test_approving_with_a_wrong_password_is_not_possible(client_for, founded, page, proposal):
    client = client_for(founded.piet)
    client.post("/accounts/reauthenticate/", {"password": "guess"})
    client.post(f"{page}approve/", {"digest": proposal.digest})
    assert not Decision.objects.exists()


def test_password_given_again_leads_back_to_the_page(client_for, founded, page):
    client = client_for(founded.piet)
    answer = client.post(f"/accounts/reauthenticate/?next={page}", {"password": PASSWORD, "next": page})
    assert answer.url == page
    assert "Approve exactly this" in plain(client.get(page))
    assert not Decision.objects.exists()


def test_approval_counts_with_the_digest_shown(client_for, founded, page, proposal):
    client = proven(client_for(founded.piet))
    digest = re.search(r'name="digest" value="(\w+)"', plain(client.get(page)))[1]
    client.post(f"{page}approve/", {"digest": digest})
    assert "1 of 2 approvals count." in plain(client.get(page))


def test_proof_in_one_session_does_not_serve_another(client_for, founded, page, proposal):
    proven(client_for(founded.piet))
    answer = client_for(founded.piet).post(f"{page}approve/", {"digest": proposal.digest})
    assert (answer.status_code, Decision.objects.count()) == (302, 0)


def test_proof_older_than_five_minutes_is_asked_for_again(client_for, founded, page, proposal):
    client = proven(client_for(founded.piet))
    with in_schema("acme"):
        session = client.session
        session["account_authentication_methods"][-1]["at"] -= 301
        session.save()
    assert "/accounts/reauthenticate/" in client.post(f"{page}approve/", {"digest": proposal.digest}).url
    assert not Decision.objects.exists()


@pytest.mark.parametrize("digest", ["", "0" * 64])
def test_approval_of_what_was_not_shown_is_refused(client_for, founded, page, digest):
    answer = proven(client_for(founded.piet)).post(f"{page}approve/", {"digest": digest})
    assert answer.status_code == 409
    assert "Read it again, then decide." in plain(answer)


def test_author_with_the_role_is_refused_over_http_too(client_for, founded, now):
    own = propose(Wording(**wording()), by=founded.piet, at=now)
    answer = proven(client_for(founded.piet)).post(f"{INBOX}{own.pk}/approve/", {"digest": own.digest})
    assert (answer.status_code, Decision.objects.count()) == (409, 0)


def test_form_without_its_token_is_refused(client_for, founded, page, proposal):
    client = proven(client_for(founded.piet))
    client.handler.enforce_csrf_checks = True
    assert client.post(f"{page}approve/", {"digest": proposal.digest}).status_code == 403


@pytest.mark.parametrize(("act", "state"), [("send-back", "sent_back"), ("reject", "rejected")])
def test_stopping_needs_a_reason_and_no_password(client_for, founded, page, proposal, act, state):
    client = client_for(founded.piet)
    empty = client.post(f"{page}{act}/", {"digest": proposal.digest, "reason": " "})
    assert empty.status_code == 422
    assert "Say why: the author can mend only what they know of." in plain(empty)
    client.post(f"{page}{act}/", {"digest": proposal.digest, "reason": "Too long."})
    assert standing_of(proposal) == state
    assert "Too long." in plain(client_for(founded.ottilie).get(page))


def test_extra_fields_of_a_request_change_nothing(client_for, founded, page, proposal):
    client = proven(client_for(founded.piet))
    client.post(
        f"{page}approve/", {"digest": proposal.digest, "state": "executed", "person": founded.paula.pk, "verb": "x"}
    )
    (decision,) = Decision.objects.all()
    assert (decision.person, decision.verb, standing_of(proposal)) == (founded.piet.pk, "approve", "open")


def test_author_puts_it_into_effect(client_for, founded, page, proposal, now):
    say_yes(proposal, founded.piet, founded.paula, at=now)
    client = client_for(founded.ottilie)
    assert "Put it into effect" in plain(client.get(page))
    client.post(f"{page}execute/")
    assert "It took effect" in plain(client.get(page))
    assert PurposeVersion.objects.current().get(purpose="scoring").version == 2


# Writing


def test_wording_is_proposed_from_what_is_in_force(client_for, founded):
    client, address = client_for(founded.ottilie), f"{INBOX}purposes/scoring/propose/"
    assert "From the sources you choose" in plain(client.get(address))
    answer = client.post(
        address, {name: value for name, value in wording().items() if name not in {"purpose", "version"}}
    )
    proposal = Proposal.objects.get()
    assert (answer.url, proposal.author) == (f"{INBOX}{proposal.pk}/", founded.ottilie.pk)


def test_wording_that_changes_nothing_comes_back(client_for, founded):
    same = asdict(Wording.of(PurposeVersion.objects.current().get(purpose="scoring")))
    answer = client_for(founded.ottilie).post(f"{INBOX}purposes/scoring/propose/", same)
    assert (answer.status_code, Proposal.objects.count()) == (422, 0)
    assert "Nothing differs from what is in force." in plain(answer)


def test_next_version_begins_with_the_last(client_for, founded, page, proposal, now):
    client = client_for(founded.ottilie)
    assert "In fewer words." in plain(client.get(f"{page}revise/"))
    form = {name: value for name, value in wording(text="Mended.").items() if name not in {"purpose", "version"}}
    client.post(f"{page}revise/", form)
    newer = Proposal.objects.get(supersedes=proposal)
    assert (newer.version, standing_of(proposal)) == (2, "superseded")
    assert "There is a newer version" in plain(client.get(page))


def test_policy_below_two_comes_back_with_the_reason(client_for, founded):
    form = {"approvals_needed": 1, "decided_by": ["approver"], "expiry_hours": 72, "execution_hours": 24}
    answer = client_for(founded.omar).post(f"{INBOX}policies/grant_role/propose/", form)
    assert (answer.status_code, "Never fewer than two decide." in plain(answer)) == (422, True)


def test_refused_proposal_comes_back_with_what_was_written(client_for, founded):
    answers = {"approvals_needed": 9, "decided_by": ["approver"], "expiry_hours": 24, "execution_hours": 12}
    answer = client_for(founded.omar).post(f"{INBOX}policies/purpose_version/propose/", answers)
    assert answer.status_code == 422
    assert "Fewer people than that hold a role that could decide." in plain(answer)
    assert 'value="9"' in answer.content.decode()


def test_policy_is_proposed_by_the_owner_alone(client_for, founded):
    form = {"approvals_needed": 2, "decided_by": ["approver", "steward"], "expiry_hours": 72, "execution_hours": 24}
    address = f"{INBOX}policies/grant_role/propose/"
    assert client_for(founded.piet).post(address, form).status_code == 403
    assert client_for(founded.omar).post(address, form).url == f"{INBOX}{Proposal.objects.get().pk}/"


def test_role_is_proposed_on_the_persons_page(client_for, founded):
    nora = PersonFactory(name="Nora New")
    client = client_for(founded.omar)
    assert f"{INBOX}roles/{nora.pk}/steward/propose/" in plain(client.get(f"/manage/settings/people/{nora.pk}/"))
    answer = client.post(f"{INBOX}roles/{nora.pk}/steward/propose/", follow=True)
    assert "Make Nora New steward" in plain(answer)


def test_role_is_not_given_at_its_old_address(client_for, founded):
    nora = PersonFactory()
    answer = client_for(founded.omar).post(f"/manage/settings/people/{nora.pk}/roles/steward/give/")
    assert (answer.status_code, nora.role_names()) == (409, frozenset())


def test_company_being_founded_is_told_so_before_anybody_drafts(client_for, in_acme):
    officer = PersonFactory(roles=[Role.OFFICER])
    shown = plain(client_for(officer).get(f"{INBOX}purposes/scoring/propose/"))
    assert "2 more people besides you have to be able to decide" in shown
    assert "until the company has had two, the owner gives that role alone" in shown
    assert "<form" not in shown.partition("<main")[2].partition("</main")[0]


def test_company_with_too_few_left_is_told_the_way_out(client_for, founded):
    founded.piet.roles.all().delete()
    shown = plain(client_for(founded.omar).get(f"{INBOX}policies/"))
    assert "Fewer than two approvers are left" in shown


def test_policies_say_who_decides_and_that_none_is_to_spare(client_for, founded):
    shown = plain(client_for(founded.piet).get(f"{INBOX}policies/"))
    assert "Paula Park, Piet Peters, Stella Stone" in shown
    assert "none to spare" in shown


@pytest.mark.parametrize("path", ["purposes/nothing/propose/", "policies/campaign/propose/"])
def test_unknown_things_are_not_found(client_for, founded, path):
    person = founded.ottilie if path.startswith("purposes") else founded.omar
    assert client_for(person).get(f"{INBOX}{path}").status_code == 404


def test_officer_whom_a_policy_lets_decide_finds_what_waits(client_for, founded, now):
    current = PolicyChange.of(ApprovalPolicy.objects.get(kind="grant_role", is_current=True))
    change = propose(replace(current, version=2, decided_by=["approver", "officer"]), by=founded.omar, at=now)
    say_yes(change, founded.piet, founded.paula, at=now)
    execute(change, by=founded.omar, at=now)
    gift = propose(RoleGift(str(PersonFactory().pk), "steward"), by=founded.omar, at=now)
    client = client_for(founded.ottilie)
    assert str(gift.pk) in plain(client.get(f"{INBOX}?show=waiting"))
    assert "Your decision" in plain(client.get(f"{INBOX}{gift.pk}/"))
