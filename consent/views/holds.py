"""Legal holds, as officers see them: which stand, what they keep, their review and their end."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.deadline_forms import HoldForm, LiftForm, ReviewForm
from consent.domain import holds
from consent.domain.ledger_people import name
from consent.models import LegalHold
from consent.states import ProposalKind
from consent.views.proposing import propose_from, standing_with

NAMING = "Looking at legal holds"
ROWS_SHOWN = 200


class HoldView(PermissionView):
    permission = Permission.MANAGE_HOLDS


class Holds(HoldView):
    def get(self, request):
        standing = list(LegalHold.objects.filter(lifted_at=None).order_by("review_on"))
        names = name([hold.person for hold in standing], by=request.user, reason=NAMING, at=timezone.now())
        context = {
            "holds": [(hold, names.get(hold.person)) for hold in standing],
            "lifted": LegalHold.objects.filter(lifted_at__isnull=False).count(),
        }
        return render(request, "compliance/holds.html", context)


class ProposeHold(HoldView):
    def get(self, request):  # noqa: ARG002 - the signature is Django's
        return self._page(HoldForm())

    def post(self, request):
        return propose_from(request, HoldForm(request.POST), self._page)

    def _page(self, form, status=200):
        lead = "Two others decide. What would be destroyed meanwhile is kept behind the hold, and read for it alone."
        context = {"form": form, "heading": "Legal hold", "lead": lead}
        context |= standing_with(ProposalKind.LEGAL_HOLD, self.request.user)
        return render(self.request, "manage/approval_new.html", context, status=status)


class HoldPage(HoldView):
    """One hold. Its rows are shown on request alone: that look is on record, and the person can read of it."""

    def get(self, request, pk):  # noqa: ARG002 - the signature is Django's
        return self.page(get_object_or_404(LegalHold, pk=pk))

    def page(self, hold, *, form=None, act="", status=200):
        context = {
            "hold": hold,
            "name": name([hold.person], by=self.request.user, reason=NAMING, at=timezone.now()).get(hold.person),
            "held": holds.held_by_table(hold),
            "review_form": form if act == "review" else ReviewForm(auto_id="id_review_%s"),
            "lift_form": form if act == "lift" else LiftForm(auto_id="id_lift_%s"),
            "form": form,
        }
        return render(self.request, "compliance/hold.html", context, status=status)


class LookAtHeld(HoldView):
    def post(self, request, pk):
        hold = get_object_or_404(LegalHold, pk=pk, lifted_at=None)
        with holds.reading(hold, by=request.user, at=timezone.now()):
            rows = list(holds.held_rows(hold)[:ROWS_SHOWN])
        return render(request, "compliance/held_rows.html", {"hold": hold, "rows": rows})


class Review(HoldPage):
    http_method_names = ["post"]

    def post(self, request, pk):
        hold = get_object_or_404(LegalHold, pk=pk)
        form = ReviewForm(request.POST, auto_id="id_review_%s")
        if not form.is_valid():
            return self.page(hold, form=form, act="review", status=422)
        holds.keep(hold, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, "Reviewed. The hold stands until its next review.")
        return redirect("compliance:hold", pk)


class Lift(HoldPage):
    http_method_names = ["post"]

    def post(self, request, pk):
        hold = get_object_or_404(LegalHold, pk=pk)
        form = LiftForm(request.POST, auto_id="id_lift_%s")
        if not form.is_valid():
            return self.page(hold, form=form, act="lift", status=422)
        holds.lift(hold, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, "The hold is lifted, and what it kept is destroyed.")
        return redirect("compliance:hold", pk)
