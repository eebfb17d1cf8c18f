"""A steward answers what people say is wrong: by reference in the list, on record one by one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.models import Obligation
from consent.states import ObligationKind
from scoring.dispute_forms import AnswerForm
from scoring.domain.disputes import NothingSetRight, answer_dispute, look_at
from scoring.states import DisputeOutcome

ROWS_A_PAGE = 25


class DisputeView(PermissionView):
    permission = Permission.ANSWER_DISPUTES


class Disputes(DisputeView):
    """What waits for an answer, the most pressing first. Nobody is named and nothing of anybody is read."""

    def get(self, request):
        promises = Obligation.objects.with_standing().filter(kind=ObligationKind.DISPUTE_ANSWER)
        page = Paginator(promises.unmet().order_by("due_at", "pk"), ROWS_A_PAGE).get_page(request.GET.get("page"))
        return render(request, "manage/disputes.html", {"page": page})


class AnswerDispute(DisputeView):
    """One dispute, the numbers that it names, and the answer."""

    def get(self, request, pk):
        promise = _promise(pk)
        looked = look_at(promise, by=request.user, at=timezone.now())
        return _page(request, promise, looked, AnswerForm(counts=looked.counts))

    def post(self, request, pk):
        promise = _promise(pk)
        looked = look_at(promise, by=request.user, at=timezone.now())
        form = AnswerForm(request.POST, counts=looked.counts)
        if not form.is_valid() or not _answered(form, promise, by=request.user):
            return _page(request, promise, looked, form, status=422)
        messages.success(request, f"{promise.reference} is answered. The person gets a mail that leads to your words.")
        return redirect("manage:disputes")


def _answered(form, promise, *, by) -> bool:
    told = form.cleaned_data
    try:
        answer_dispute(
            promise, outcome=DisputeOutcome(told["outcome"]), answer=told["answer"], right=form.right, by=by,
            at=timezone.now(),
        )  # fmt: skip
    except NothingSetRight as why:
        form.add_error(None, str(why))
        return False
    return True


def _page(request, promise, looked, form, status=200):
    context = {"promise": promise, "looked": looked, "form": form, "hidden": len(looked.counts) - len(form.rows)}
    return render(request, "manage/dispute.html", context, status=status)


def _promise(pk) -> Obligation:
    waiting = Obligation.objects.with_standing().unmet().filter(kind=ObligationKind.DISPUTE_ANSWER)
    return get_object_or_404(waiting, pk=pk)
