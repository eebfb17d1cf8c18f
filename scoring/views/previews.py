"""What a model would do here, beside the one in effect: for its author, and for whoever decides on it."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.matters import matter_of
from consent.models import Proposal
from consent.states import ProposalKind
from scoring.domain import previews
from scoring.domain.model_drafts import current_model, numbers_of
from scoring.domain.model_effects import effects
from scoring.domain.model_numbers import Numbers
from scoring.models import ModelDraft
from scoring.states import Kind

BANDS = (
    "lose more than 10 points", "lose 5 to 10", "lose 1 to 5", "move by a point at most", "win 1 to 5", "win 5 to 10",
    "win more than 10",
)  # fmt: skip


class Preview(PermissionView):
    """Shown when somebody has had it worked out; working it out is a job."""

    def get(self, request, pk):
        found = self.found(pk)
        return render(request, "manage/model_preview.html", self.context(request, pk, found))

    def post(self, request, pk):
        numbers, _ = self.found(pk)
        job = previews.ask_for_preview(numbers, back=request.path, by=request.user, at=timezone.now())
        return redirect("manage:job", job.pk)

    def context(self, request, pk, found):
        numbers, name = found
        preview, current = previews.preview_of(numbers), Numbers.of(current_model())
        return {
            "name": name,
            "back": self.back(pk),
            "here": request.path,
            "preview": preview,
            "told": _told(preview.figures) if preview else None,
            "effects": effects(current, numbers),
            "gaming": [
                (who, now, then)
                for (who, now), (_, then) in zip(
                    previews.gaming_figures(current), previews.gaming_figures(numbers), strict=True
                )
            ],
        }


class DraftPreview(Preview):
    permission = Permission.MANAGE_MODELS

    def found(self, pk):
        draft = get_object_or_404(ModelDraft, pk=pk)
        return numbers_of(draft), draft.name

    def back(self, pk):
        return reverse("manage:model_draft", args=[pk])


class ProposalPreview(Preview):
    """Opening it is what an approval needs; that it was opened is kept."""

    permission = Permission.SEE_PROPOSALS

    def get(self, request, pk):
        numbers, _ = self.found(pk)
        if previews.preview_of(numbers):
            previews.put_on_record_that_it_was_opened(self.proposal(pk), by=request.user)
        return super().get(request, pk)

    def proposal(self, pk):
        return get_object_or_404(Proposal, pk=pk, kind=ProposalKind.SCORING_MODEL)

    def found(self, pk):
        change = matter_of(self.proposal(pk))
        return change.numbers, change.name

    def back(self, pk):
        return reverse("manage:approval", args=[pk])


def _told(figures):
    """The figures in words and rows."""
    before, after = ({g.name: g for g in previews.group_effects(figures, when)} for when in ("before", "after"))
    labels = [f"{10 * n} to {10 * n + 9}" for n in range(10)]
    return {
        **figures,
        "histogram": [(label, *pair) for label, pair in zip(labels, figures["distribution"], strict=True)],
        "bands": list(zip(BANDS, figures["moves"], strict=True)),
        "groups": [(before[name], after[name]) for name in before],
        "reasons": [
            ("Those who win" if row["up"] else "Those who lose", Kind(row["kind"]).label, row["points"])
            for row in figures["reasons"]
        ],
    }
