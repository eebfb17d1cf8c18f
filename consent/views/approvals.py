"""The inbox of what two others decide. Looking decides nothing; each act is one POST about one proposal."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView, permissions_for
from consent.approval_forms import ReasonForm
from consent.domain import approvals
from consent.domain.approvals_seen import deciders_left, facts_of, listed, names_of, part_in, standing_of
from consent.domain.matters import matter_of, matters
from consent.domain.people_exports import export_people
from consent.models import Proposal, PurposeVersion
from consent.states import APPROVED, ProposalKind, ProposalState

PROPOSALS_A_PAGE = 25
STOPS = ("send_back", "reject")
# Kinds whose next version is written in a form; the others are proposed anew.
REVISED = {ProposalKind.PURPOSE_VERSION, ProposalKind.APPROVAL_POLICY}
FRESH_FOR = timedelta(minutes=5)
KINDS_OF_STATUS = {
    ProposalState.OPEN: "running",
    APPROVED: "success",
    ProposalState.EXECUTED: "success",
    ProposalState.SENT_BACK: "warning",
    ProposalState.REJECTED: "danger",
}
WORDS_OF_STATUS = dict(ProposalState.choices) | {APPROVED: "approved, not in effect yet"}


def visible(request):
    """The proposals this person may see at all."""
    decides = Permission.DECIDE in permissions_for(request)
    return Proposal.objects.seen_by(request.user, decides=decides)


def proven_at(request) -> datetime | None:
    """When the person last gave their password again, in this session."""
    records = get_authentication_records(request, request.user)
    again = [record["at"] for record in records if record.get("reauthenticated")]
    return datetime.fromtimestamp(max(again), tz=UTC) if again else None


class ProposalsView(PermissionView):
    permission = Permission.SEE_PROPOSALS


class Approvals(ProposalsView):
    """What waits for this person, what they wrote, and what was decided."""

    def get(self, request):
        decides = Permission.DECIDE in permissions_for(request)
        show = request.GET.get("show", "waiting" if decides else "mine")
        page = Paginator(self._shown(show).order_by("-opened_at"), PROPOSALS_A_PAGE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "rows": [(row, *_status(row.proposal.standing)) for row in listed(page.object_list)],
            "show": show,
            "may": permissions_for(request),
            "Permission": Permission,
            "purposes": PurposeVersion.objects.current().order_by("pk"),
        }
        return render(request, "manage/approvals.html", context)

    def _shown(self, show):
        seen = visible(self.request)
        if show == "waiting":
            return seen.waiting_for(self.request.user)
        if show == "mine":
            return seen.written_by(self.request.user)
        return seen.with_standing().exclude(state=ProposalState.OPEN)


class ProposalPage(ProposalsView):
    """One proposal as it was frozen, what it would change, and who can decide."""

    def get(self, request, pk):
        return self._page(request, get_object_or_404(visible(request), pk=pk))

    def _page(self, request, proposal, *, wrong_form=None, wrong_act="", status=200):
        matter = matter_of(proposal)
        decisions = list(proposal.decisions.order_by("decided_at"))
        left = list(deciders_left(proposal))
        names = names_of([proposal.author, *matter.concerns(), *(decision.person for decision in decisions)])
        proven, now = proven_at(request), timezone.now()
        forms = {act: ReasonForm(initial={"digest": proposal.digest}, auto_id=f"{act}_%s") for act in STOPS}
        context = {
            "proposal": proposal,
            "heading": matter.heading(names),
            "facts": facts_of(matter, names),
            "evidence": matter.evidence,
            "author": names[proposal.author],
            "decisions": [(decision, names[decision.person]) for decision in decisions],
            "left": left,
            "part": part_in(proposal, request.user),
            "standing": (standing := standing_of(proposal)),
            "status": _status(standing),
            "newer": Proposal.objects.filter(supersedes=proposal).first(),
            "fresh_until": proven + FRESH_FOR if proven and proven + FRESH_FOR > now else None,
            "may_revise": proposal.kind in REVISED
            and matters()[proposal.kind].proposed_with in permissions_for(request),
            "prove": _prove_url(proposal),
            "forms": forms | ({wrong_act: wrong_form} if wrong_form else {}),
            "form": wrong_form,
            "decides": Permission.DECIDE in permissions_for(request),
            "may_export": Permission.EXPORT_PEOPLE in permissions_for(request),
        }
        return render(request, "manage/approval.html", context, status=status)


class Approve(ProposalsView):
    """Say yes to the digest that was shown. Who has not just proven who they are is asked for it first."""

    def post(self, request, pk):
        proposal = get_object_or_404(visible(request), pk=pk)
        proven, now = proven_at(request), timezone.now()
        if proven is None or proven + FRESH_FOR <= now:
            return redirect(_prove_url(proposal))
        seen = request.POST.get("digest", "")
        approvals.approve(proposal, digest=seen, authenticated_at=proven, by=request.user, at=now)
        messages.success(request, "You approved it. It takes effect only if enough others do too.")
        return redirect("manage:approval", pk)


class Stop(ProposalPage):
    """Base of the two ways to say no: both need a reason."""

    act: str

    def get(self, request, pk):  # noqa: ARG002
        return self.http_method_not_allowed(request)

    def post(self, request, pk):
        proposal = get_object_or_404(visible(request), pk=pk)
        form = ReasonForm(request.POST, auto_id=f"{self.act}_%s")
        if not form.is_valid():
            return self._page(request, proposal, wrong_form=form, wrong_act=self.act, status=422)
        self.decide(proposal, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, "It is stopped, and its author can read why.")
        return redirect("manage:approval", pk)


class SendBack(Stop):
    act = "send_back"
    decide = staticmethod(approvals.send_back)


class Reject(Stop):
    act = "reject"
    decide = staticmethod(approvals.reject)


class WithdrawProposal(ProposalsView):
    def post(self, request, pk):
        proposal = get_object_or_404(visible(request), pk=pk)
        approvals.withdraw_proposal(proposal, by=request.user, at=timezone.now())
        messages.success(request, "It is withdrawn. Nothing of it takes effect.")
        return redirect("manage:approval", pk)


class Execute(ProposalsView):
    """Let it take effect. An export takes effect by being handed over, or its approval would be spent on nothing."""

    def post(self, request, pk):
        proposal = get_object_or_404(visible(request).exclude(kind=ProposalKind.PEOPLE_EXPORT), pk=pk)
        approvals.execute(proposal, by=request.user, at=timezone.now())
        messages.success(request, "It is in effect.")
        return redirect("manage:approval", pk)


class ExportPeople(PermissionView):
    """Hand the officer the one file that was approved. It is made as it leaves, and is kept nowhere."""

    permission = Permission.EXPORT_PEOPLE

    def post(self, request, pk):
        proposal = get_object_or_404(visible(request), pk=pk)
        exported = export_people(proposal, by=request.user, at=timezone.now())
        answer = JsonResponse(exported, json_dumps_params={"indent": 1, "ensure_ascii": False})
        answer.headers["Content-Disposition"] = f'attachment; filename="about-people-{proposal.pk}.json"'
        return answer


def _status(standing):
    """A standing in words, and the kind of sign beside it."""
    return WORDS_OF_STATUS[standing], KINDS_OF_STATUS.get(standing, "neutral")


def _prove_url(proposal):
    here = reverse("manage:approval", args=[proposal.pk])
    return f"{reverse('account_reauthenticate')}?{urlencode({'next': here})}"
