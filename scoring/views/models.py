"""The steward's models: what scores now, what is being thought about, and what was before."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.states import Permission
from accounts.tenants.context import current_company_name
from accounts.views.base import PermissionView
from consent.domain.approvals_refused import NotProposed
from consent.domain.certificates import as_pdf
from consent.models import Proposal
from consent.states import ProposalKind, ProposalState
from scoring.domain import model_files
from scoring.domain.evaluations import evaluation_of
from scoring.domain.model_cards import approval_of, card_of
from scoring.domain.model_drafts import current_model, numbers_of, propose_draft, save_draft
from scoring.domain.model_effects import effects
from scoring.domain.model_numbers import Numbers
from scoring.model_forms import ModelFileForm, ModelForm
from scoring.models import ModelDraft, ModelVersion


class ModelsView(PermissionView):
    permission = Permission.MANAGE_MODELS


class Models(ModelsView):
    """All versions, the newest first; drafts; and what is being decided on."""

    def get(self, request):
        unfinished = [ProposalState.OPEN, ProposalState.SENT_BACK]
        deciding = Proposal.objects.filter(kind=ProposalKind.SCORING_MODEL, state__in=unfinished)
        context = {
            "versions": ModelVersion.objects.defer("decay").order_by("-number"),
            "drafts": ModelDraft.objects.order_by("-edited_at"),
            "proposals": deciding.filter(state__in=[ProposalState.OPEN, ProposalState.SENT_BACK]).order_by(
                "-opened_at"
            ),
        }
        return render(request, "manage/models.html", context)


class NewDraft(ModelsView):
    """Begin with the model in effect, or with an earlier one: going back is a change like any other."""

    def get(self, request, number=None):
        versions = ModelVersion.objects.prefetch_related("terms")
        version = get_object_or_404(versions, number=number) if number else current_model()
        reason = f"Back to version {version.number}: " if number else ""
        form = ModelForm.beginning_with(Numbers.of(version), name=version.name, reason=reason)
        return _draft_page(request, form)

    def post(self, request, number=None):  # noqa: ARG002 - where it began is in the form
        return _drafted(request, None)


class EditDraft(ModelsView):
    def get(self, request, pk):
        draft = get_object_or_404(ModelDraft, pk=pk)
        form = ModelForm.beginning_with(numbers_of(draft), name=draft.name, reason=draft.reason)
        return _draft_page(request, form, draft=draft, shown=numbers_of(draft))

    def post(self, request, pk):
        return _drafted(request, get_object_or_404(ModelDraft, pk=pk))


class ProposeDraft(ModelsView):
    def post(self, request, pk):
        draft = get_object_or_404(ModelDraft, pk=pk)
        try:
            proposal = propose_draft(draft, by=request.user, at=timezone.now())
        except NotProposed as refusal:
            messages.error(request, str(refusal))
            return redirect("manage:model_draft", draft.pk)
        messages.success(request, "It is proposed, and those who can decide were asked by mail.")
        return redirect("manage:approval", proposal.pk)


class ThrowAway(ModelsView):
    def post(self, request, pk):
        get_object_or_404(ModelDraft, pk=pk).delete()
        messages.success(request, "The draft is thrown away.")
        return redirect("manage:models")


class ImportModel(ModelsView):
    """A file becomes a draft."""

    def get(self, request):
        return render(request, "manage/model_import.html", {"form": ModelFileForm()})

    def post(self, request):
        form = ModelFileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                numbers, name, reason = model_files.read(form.cleaned_data["file"])
            except model_files.NoModelFile as refusal:
                form.add_error("file", str(refusal))
            else:
                draft = save_draft(None, numbers, name=name, reason=reason, by=request.user, at=timezone.now())
                return redirect("manage:model_draft", draft.pk)
        return render(request, "manage/model_import.html", {"form": form}, status=422)


class ModelFile(ModelsView):
    def get(self, request, number):  # noqa: ARG002
        version = get_object_or_404(ModelVersion.objects.prefetch_related("terms"), number=number)
        text = model_files.written(Numbers.of(version), name=version.name, reason=f"Version {version.number}")
        name = f'attachment; filename="model-{version.number}.yaml"'
        return HttpResponse(text, content_type="application/yaml", headers={"Content-Disposition": name})


class ModelCard(ModelsView):
    """Everything an auditor asks about one version."""

    def get(self, request, number):
        version = get_object_or_404(ModelVersion.objects.prefetch_related("terms"), number=number)
        return render(request, "manage/model_card.html", _told(version))


class ModelCardPdf(ModelsView):
    """The card on paper. Where Pango is missing, it is the page without the rest of the portal."""

    def get(self, request, number):  # noqa: ARG002
        version = get_object_or_404(ModelVersion.objects.prefetch_related("terms"), number=number)
        html = render_to_string("manage/model_card_pdf.html", _told(version) | {"company_name": current_company_name()})
        try:
            paper, kind = as_pdf(html), "pdf"
        except OSError:
            paper, kind = html, "html"
        name = f'attachment; filename="model-card-{version.number}.{kind}"'
        content_type = {"pdf": "application/pdf", "html": "text/html; charset=utf-8"}[kind]
        return HttpResponse(paper, content_type=content_type, headers={"Content-Disposition": name})


class ModelEvaluation(ModelsView):
    """What a model with these numbers was found to do on real data."""

    def get(self, request, number):
        version = get_object_or_404(ModelVersion.objects.defer("decay"), number=number)
        context = {"version": version, "evaluation": evaluation_of(version.digest)}
        return render(request, "manage/model_evaluation.html", context)


def _told(version):
    return {
        "card": card_of(version),
        "approval": approval_of(version),
        "evaluation": evaluation_of(version.digest),
    }


def _drafted(request, draft):
    """Keep the form as a draft, or only show what it would do."""
    form = ModelForm(request.POST)
    if not form.is_valid():
        return _draft_page(request, form, draft=draft, status=422)
    if "show" in request.POST:
        return _draft_page(request, form, draft=draft, shown=form.numbers)
    name, reason = form.cleaned_data["name"], form.cleaned_data["reason"]
    draft = save_draft(draft, form.numbers, name=name, reason=reason, by=request.user, at=timezone.now())
    messages.success(request, "The draft is kept. Nobody is scored by it.")
    return redirect("manage:model_draft", draft.pk)


def _draft_page(request, form, *, draft=None, shown=None, status=200):
    current = Numbers.of(current_model())
    context = {"form": form, "draft": draft, "effects": effects(current, shown) if shown else None}
    return render(request, "manage/model_draft.html", context, status=status)
