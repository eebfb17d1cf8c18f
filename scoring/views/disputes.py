"""A person says that a number is wrong, and reads the answer."""

from datetime import date
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from consent.views.mine import OwnDataView
from scoring.dispute_forms import AppealForm, DisputeForm
from scoring.domain.disputes import appeal, open_dispute
from scoring.domain.exclusions import counted
from scoring.models import Correction, Dispute
from scoring.states import Kind

NUMBERS_SHOWN = 12
DISPUTES_A_PAGE = 20
READ_AS = {"week": date.fromisoformat, "kind": lambda text: Kind(int(text)), "source": UUID}


class MyDisputes(OwnDataView):
    reason = "Opening the page of disputes"

    def get(self, request):
        disputes = Dispute.objects.filter(person=request.user).select_related("obligation", "source")
        page = Paginator(disputes.order_by("-opened_at"), DISPUTES_A_PAGE).get_page(request.GET.get("page"))
        return render(request, "mine/disputes.html", {"page": page})


class MyDispute(OwnDataView):
    """What was said, the answer, what was set right, and where to turn when the answer settles nothing."""

    reason = "Opening a dispute"

    def get(self, request, pk):
        dispute = _own(request, pk)
        context = {
            "dispute": dispute,
            "corrections": Correction.objects.filter(person=request.user, dispute=dispute.pk)
            .select_related("grant__source")
            .order_by("-week", "kind"),
            "first": Dispute.objects.filter(pk=dispute.appeal_of).select_related("obligation").first(),
            "appeal": Dispute.objects.filter(appeal_of=dispute.pk).select_related("obligation").first(),
        }
        return render(request, "mine/dispute.html", context)


class Appeal(OwnDataView):
    """Not accepting an answer: once, and another steward decides."""

    reason = "Not accepting an answer"

    def get(self, request, pk):
        return render(request, "mine/dispute_appeal.html", {"dispute": _own(request, pk), "form": AppealForm()})

    def post(self, request, pk):
        dispute, form = _own(request, pk), AppealForm(request.POST)
        if not form.is_valid():
            return render(request, "mine/dispute_appeal.html", {"dispute": dispute, "form": form}, status=422)
        promise = appeal(dispute, text=form.cleaned_data["text"], by=request.user, at=timezone.now())
        return redirect("mine:dispute", promise.thing)


class NewDispute(OwnDataView):
    """First see which numbers it is about, then say what is wrong with them."""

    reason = "Looking at numbers to say that they are wrong"

    def get(self, request):
        return self._page(request, DisputeForm())

    def post(self, request):
        form = DisputeForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        promise = open_dispute(request.user, at=timezone.now(), **form.cleaned_data, **_which(request))
        return redirect("mine:dispute", promise.thing)

    def _page(self, request, form, status=200):
        which = _which(request)
        rows = counted(request.user, **which).select_related("grant__source").order_by("-week", "kind")
        context = {
            "form": form,
            "rows": [(row, Kind(row.kind).label.capitalize()) for row in rows[:NUMBERS_SHOWN]],
            "number": rows.count(),
        }
        return render(request, "mine/dispute_new.html", context, status=status)


def _own(request, pk) -> Dispute:
    return get_object_or_404(Dispute.objects.select_related("obligation", "source"), pk=pk, person=request.user)


def _which(request) -> dict[str, date | Kind | UUID]:
    """Which numbers the address names; `whole` names all of them. Nonsense leads nowhere."""
    try:
        which = {key: read(request.GET[key]) for key, read in READ_AS.items() if key in request.GET}
    except ValueError:
        which = {}
    if not which and "whole" not in request.GET:
        raise Http404
    return which
