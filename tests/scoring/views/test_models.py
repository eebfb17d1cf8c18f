"""The life of a model, as stewards and approvers meet it: draft, effect on made-up people, approval, and back again."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.domain import job_runs
from accounts.states import Role
from consent.domain.approvals import execute
from consent.models import Proposal
from scoring.domain.model_files import read
from scoring.domain.model_numbers import Numbers
from scoring.model_forms import ModelForm
from scoring.models import ModelDraft, ModelVersion, PreviewOpened
from tests.factories.accounts import PersonFactory
from tests.factories.approvals import decided, previewed, two_approvers

FILE = "name: From a file\nreason: Tried elsewhere\nhalf_life_days: 60\nminimum_colleagues: 5\nterms:\n  answered: {weight: 100, halfway: 40}\n"


@pytest.fixture
def steward(in_acme):
    return PersonFactory(name="Stella Stone", roles=[Role.STEWARD])


@pytest.fixture
def approvers(steward):
    return two_approvers()


@pytest.fixture
def client(client_for, steward):
    return client_for(steward)


def answers(**changes):
    """The form as it stands when somebody begins with the model in effect."""
    version = ModelVersion.objects.prefetch_related("terms").get(is_current=True)
    form = ModelForm.beginning_with(Numbers.of(version), name="Slower", reason="Holidays are longer than that.")
    return form.initial | changes


def test_model_goes_from_draft_to_effect_and_back(client, steward, approvers):
    kept = client.post("/manage/models/drafts/new/", answers(half_life_days=60))
    shown = client.post(kept.url, answers(half_life_days=60, show="1")).content.decode()
    assert "Was silent for the last four weeks" in shown
    proposed = client.post(f"{kept.url}propose/")
    assert "Model of the score, version 2" in client.get(proposed.url).content.decode()
    assert not ModelDraft.objects.exists()

    _decide(approvers, steward)
    page = client.get("/manage/models/").content.decode()
    assert re.search(r"2: Slower.*in effect.*1: Different colleagues.*retired", page, re.DOTALL)
    card = client.get("/manage/models/2/card/").content.decode()
    assert "Holidays are longer than that." in card
    assert card.count("approved exactly these numbers") == 2

    again = client.get("/manage/models/1/again/").context["form"].initial
    back = client.post("/manage/models/drafts/new/", again)
    client.post(f"{back.url}propose/")
    _decide(approvers, steward)
    numbers = [(v.number, v.half_life_days, v.is_current) for v in ModelVersion.objects.order_by("number")]
    assert numbers == [(1, 30, False), (2, 60, False), (3, 30, True)]


def _decide(approvers, steward):
    proposal = Proposal.objects.get(state="open")
    previewed(proposal, *approvers)
    [decided(proposal, approver) for approver in approvers]
    execute(proposal, by=steward, at=timezone.now())


def test_numbers_that_are_no_model_come_back_with_what_is_wrong(client):
    answer = client.post("/manage/models/drafts/new/", answers(weight_1=21, halfway_2=0))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="21"' in page
    answer = client.post("/manage/models/drafts/new/", answers(weight_1=21))
    assert "The weights add up to 101. They must be 100 points in all." in answer.content.decode()
    assert not ModelDraft.objects.exists()


def test_showing_what_it_does_keeps_nothing(client):
    answer = client.post("/manage/models/drafts/new/", answers(half_life_days=90, show="1"))
    assert (answer.status_code, ModelDraft.objects.count()) == (200, 0)


def test_unchanged_model_is_not_proposed(client, approvers):
    kept = client.post("/manage/models/drafts/new/", answers())
    answer = client.post(f"{kept.url}propose/", follow=True)
    assert "These are the numbers of the model in effect" in answer.content.decode()
    assert not Proposal.objects.exists()


def test_draft_is_thrown_away(client):
    kept = client.post("/manage/models/drafts/new/", answers(half_life_days=60))
    client.post(f"{kept.url}discard/")
    assert not ModelDraft.objects.exists()


def test_file_becomes_a_draft_and_comes_out_again(client):
    answer = client.post("/manage/models/drafts/file/", {"file": SimpleUploadedFile("m.yaml", FILE.encode())})
    draft = ModelDraft.objects.get()
    assert answer.url == f"/manage/models/drafts/{draft.pk}/"
    assert (draft.name, draft.half_life_days) == ("From a file", 60)
    told = client.get("/manage/models/1/model.yaml").content.decode()
    assert read(told)[0] == Numbers.of(ModelVersion.objects.prefetch_related("terms").get(number=1))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe", "no text in UTF-8"), (b"x" * 70_000, "larger than 64 kB"), (b"- 1", "must name its fields")],
)
def test_wrong_file_is_refused_with_a_sentence(client, content, sentence):
    answer = client.post("/manage/models/drafts/file/", {"file": SimpleUploadedFile("m.yaml", content)})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_card_is_had_on_paper(client):
    answer = client.get("/manage/models/1/card.pdf")
    assert answer.content[:4] in (b"%PDF", b"<!do")


@pytest.mark.parametrize("page", ["/me/model/", "/me/", "/me/score/"])
def test_each_page_with_a_score_says_what_it_must_not_be_used_for(client_for, alice, make_score, page):
    make_score(alice, {1: 700})
    assert "never be used for pay, rating or dismissal" in client_for(alice).get(page).content.decode()


def test_preview_is_asked_for_as_a_job_opened_and_only_then_approved(client, client_for, steward, approvers):
    kept = client.post("/manage/models/drafts/new/", answers(half_life_days=60))
    assert f"{kept.url}preview/" in client.get(kept.url).content.decode()
    assert "Nobody has worked it out yet." in client.get(f"{kept.url}preview/").content.decode()
    client.post(f"{kept.url}propose/")
    proposal = Proposal.objects.get()
    address = f"/manage/models/preview/{proposal.pk}/"
    assert address in client.get(f"/manage/approvals/{proposal.pk}/").content.decode()

    approver = client_for(approvers[0])
    job_page = approver.post(address).url
    job_runs.run(job_page.split("/")[-2], clock=timezone.now)
    assert not PreviewOpened.objects.exists()
    page = approver.get(address).content.decode()
    assert "A ring of 10, half a year" in page
    assert PreviewOpened.objects.get().person == approvers[0].pk


def test_preview_of_what_is_no_model_leads_nowhere(client):
    assert client.get(f"/manage/models/preview/{uuid4()}/").status_code == 404
