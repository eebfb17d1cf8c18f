"""The steward's page of runs: when scores were worked out, of how many people, and once more at will."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.domain.jobs import start
from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.obligations import refuse_while_overdue, why_stopped
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
        context = {"page": page, "fewest_shown": FEWEST_SHOWN, "stopped": why_stopped()}
        return render(request, "manage/runs.html", context)


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
