"""The steward's pages of runs: when scores were worked out, of how many, what moved, and what was held back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import model_to_dict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.domain.jobs import start
from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.obligations import refuse_while_overdue, why_stopped
from scoring.domain import drift
from scoring.drift_forms import BoundsForm, LetThroughForm
from scoring.models import Run
from scoring.states import RunScope

RUNS_A_PAGE = 20
# Below this a number of people says something about each of them.
FEWEST_SHOWN = 5


class Runs(PermissionView):
    permission = Permission.RUN_SCORING

    def get(self, request):
        runs = Run.objects.select_related("model").order_by("-started_at")
        page = Paginator(runs, RUNS_A_PAGE).get_page(request.GET.get("page"))
        context = {"page": page, "fewest_shown": FEWEST_SHOWN, "stopped": why_stopped(), "held": drift.held_back()}
        return render(request, "manage/runs.html", context)


class RunPage(PermissionView):
    """One run: what it moved, and the way to let it through where that was too much."""

    permission = Permission.RUN_SCORING

    def get(self, request, pk):
        return self._page(request, pk, LetThroughForm())

    def post(self, request, pk):
        form = LetThroughForm(request.POST)
        if not form.is_valid():
            return self._page(request, pk, form, status=422)
        refuse_while_overdue()
        run = get_object_or_404(Run, pk=pk)
        job = drift.let_through(run, **form.cleaned_data, by=request.user, at=timezone.now())
        return redirect("manage:job", job.pk)

    def _page(self, request, pk, form, status=200):
        run = get_object_or_404(Run.objects.select_related("model"), pk=pk)
        context = {
            "run": run,
            "form": form,
            "told": list(drift.told(run)),
            "too_far": drift.too_far(run),
            "is_newest": drift.held_back() == run,
            "fewest_shown": FEWEST_SHOWN,
        }
        return render(request, "manage/run.html", context, status=status)


class Bounds(PermissionView):
    """How far a run may lie from the scores before it."""

    permission = Permission.RUN_SCORING

    def get(self, request):
        return render(
            request,
            "manage/run_bounds.html",
            {"form": BoundsForm(initial=model_to_dict(drift.bounds(), exclude=["reason"]))},
        )

    def post(self, request):
        form = BoundsForm(request.POST)
        if not form.is_valid():
            return render(request, "manage/run_bounds.html", {"form": form}, status=422)
        reason = form.cleaned_data.pop("reason")
        drift.set_bounds(form.cleaned_data, reason=reason, by=request.user, at=timezone.now())
        messages.success(request, "From the next run on these bounds hold.")
        return redirect("manage:runs")


class Recompute(PermissionView):
    permission = Permission.RUN_SCORING

    def post(self, request):
        refuse_while_overdue()
        job = start(
            "run_scores",
            title="Working out all scores",
            arguments={"scope": RunScope.FULL},
            by=request.user,
            at=timezone.now(),
        )
        return redirect("manage:job", job.pk)
