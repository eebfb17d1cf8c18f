"""Writing proposals: a role, a wording, a policy. Whoever could not have them decided is told before they begin."""

from dataclasses import asdict
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import Person
from accounts.states import Permission, Role
from accounts.views.base import PermissionView, permissions_for
from consent.approval_forms import PeopleExportForm, PolicyForm, WordingForm
from consent.deadline_forms import ClosingForm
from consent.domain.approvals import propose
from consent.domain.approvals_refused import NotProposed
from consent.domain.founding import LEAST, deciders_missing, deciders_on, is_founded
from consent.domain.matters import PolicyChange, matter_of
from consent.domain.role_proposals import propose_role
from consent.models import ApprovalPolicy
from consent.states import ProposalKind, ProposalState, PurposeKey
from consent.views.approvals import visible


class ProposeRole(PermissionView):
    permission = Permission.MANAGE_PEOPLE

    def post(self, request, pk, role):
        if role not in Role:
            raise Http404
        person = get_object_or_404(Person, pk=pk)
        proposal = propose_role(person, role=Role(role), by=request.user, at=timezone.now())
        return _proposed(request, proposal)


class ProposeMatter(PermissionView):
    """Base of the pages with a form: what is in force, changed, becomes the next version."""

    kind: ProposalKind
    form = None
    keys = ()

    def get(self, request, key):  # noqa: ARG002
        return self._page(self._form(key))

    def post(self, request, key):
        return propose_from(request, self._form(key, request.POST), self._page)

    def _form(self, key, *answers):
        if key not in self.keys:
            raise Http404
        return self.form.on(key, *answers)

    def _page(self, form, status=200):
        context = {"form": form, "heading": form.current.heading({})} | standing_with(self.kind, self.request.user)
        return render(self.request, "manage/approval_new.html", context, status=status)


class ProposeWording(ProposeMatter):
    permission = Permission.PROPOSE_PURPOSES
    kind, form, keys = ProposalKind.PURPOSE_VERSION, WordingForm, PurposeKey


class ProposePolicy(ProposeMatter):
    permission = Permission.PROPOSE_POLICIES
    kind, form, keys = ProposalKind.APPROVAL_POLICY, PolicyForm, ProposalKind


FOR_GOOD = "Two others decide. From then on nobody gets in; the ledger is exported, and everything is deleted."
ONE_FILE = "Two others decide whether you get one file, once. Whoever it is about is told, and can read why."


class ProposePeopleExport(PermissionView):
    """An export about named people. Whether they said yes to anything is not told here."""

    permission = Permission.EXPORT_PEOPLE

    def get(self, request):  # noqa: ARG002 - the signature is Django's
        return self._page(PeopleExportForm())

    def post(self, request):
        return propose_from(request, PeopleExportForm(request.POST), self._page)

    def _page(self, form, status=200):
        context = {"form": form, "heading": "Export about people", "lead": ONE_FILE}
        context |= standing_with(ProposalKind.PEOPLE_EXPORT, self.request.user)
        return render(self.request, "manage/approval_new.html", context, status=status)


class ProposeClosing(PermissionView):
    """The end of the company here. Whoever approves reads what follows."""

    permission = Permission.CLOSE_COMPANY

    def get(self, request):  # noqa: ARG002 - the signature is Django's
        return self._page(ClosingForm())

    def post(self, request):
        return propose_from(request, ClosingForm(request.POST), self._page)

    def _page(self, form, status=200):
        context = {"form": form, "heading": "Close the company for good", "lead": FOR_GOOD}
        context |= standing_with(ProposalKind.CLOSE_COMPANY, self.request.user)
        return render(self.request, "manage/approval_new.html", context, status=status)


WRITING = {ProposalKind.PURPOSE_VERSION: ProposeWording, ProposalKind.APPROVAL_POLICY: ProposePolicy}


class Revise(PermissionView):
    """The next version of a proposal that is open or was sent back: its approvals count no more."""

    permission = Permission.SEE_PROPOSALS  # the kind's own is asked in `_open`

    def get(self, request, pk):  # noqa: ARG002
        proposal = self._open(pk)
        return self._page(proposal, self._form(proposal, initial=asdict(matter_of(proposal))))

    def post(self, request, pk):
        proposal = self._open(pk)
        page = partial(self._page, proposal)
        return propose_from(request, self._form(proposal, request.POST), page, supersedes=proposal)

    def _open(self, pk):
        editable = visible(self.request).filter(state__in=[ProposalState.OPEN, ProposalState.SENT_BACK])
        proposal = get_object_or_404(editable, pk=pk, kind__in=WRITING)
        if WRITING[proposal.kind].permission not in permissions_for(self.request):
            raise PermissionDenied
        return proposal

    def _form(self, proposal, *answers, **more):
        return WRITING[proposal.kind].form.on(proposal.thing.partition(":")[2], *answers, **more)

    def _page(self, proposal, form, status=200):
        context = {"form": form, "heading": form.current.heading({}), "revised": proposal}
        return render(self.request, "manage/approval_new.html", context, status=status)


class Policies(PermissionView):
    """Who decides on what, how many it takes, and whether there are enough."""

    permission = Permission.SEE_PROPOSALS

    def get(self, request):
        policies = ApprovalPolicy.objects.filter(is_current=True).order_by("pk")
        rows = [(policy, PolicyChange.of(policy), deciders_on(policy.kind)) for policy in policies]
        context = {
            "rows": rows,
            "may_propose": Permission.PROPOSE_POLICIES in request.permissions,
        } | standing_with(ProposalKind.GRANT_ROLE, request.user)
        return render(request, "manage/approval_policies.html", context)


def standing_with(kind, person):
    """Whether this person could have anything of the kind decided, by whom, and what the way out is."""
    return {
        "missing": deciders_missing(kind, besides=person),
        "deciders": [decider for decider in deciders_on(kind) if decider != person],
        "is_founded": is_founded(),
        "is_stuck": is_founded() and len(deciders_on(ProposalKind.GRANT_ROLE)) < LEAST,
    }


def propose_from(request, form, page, *, supersedes=None):
    """Propose what a form says. A refusal stands on the form, so that nothing written is lost."""
    if not form.is_valid():
        return page(form, status=422)
    try:
        proposal = propose(form.matter(), by=request.user, at=timezone.now(), supersedes=supersedes)
    except NotProposed as refusal:
        form.add_error(None, str(refusal))
        return page(form, status=422)
    return _proposed(request, proposal)


def _proposed(request, proposal):
    messages.success(request, "It is proposed, and those who can decide were asked by mail.")
    return redirect("manage:approval", proposal.pk)
