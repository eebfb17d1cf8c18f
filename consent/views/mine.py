"""A person's own choices: taking part, staying out, looking them up, taking them back."""

from dataclasses import asdict
from operator import attrgetter
from typing import ClassVar

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.states import Permission
from accounts.views.base import PermissionView
from consent.domain.choices import StaleWording, stay_out, withdraw
from consent.domain.data_uses import data_use
from consent.domain.queries import takes_part
from consent.domain.refusals import take_part_or_record
from consent.forms import TakePartForm, seal_answers, unseal_answers
from consent.models import Choice, Grant, OpenGrant, Withdrawal
from consent.states import PurposeKey

CHOICES_A_PAGE = 20


class MineView(PermissionView):
    permission = Permission.TAKE_PART


class OwnDataView(MineView):
    """A page about what is kept of its reader: the look is on record before any of it is read."""

    reason: ClassVar[str]
    purpose: ClassVar[PurposeKey] = PurposeKey.OWN_VIEW

    def answer(self, request, *args, **kwargs):
        me = request.user
        with data_use(self.purpose, by=me, about=[me.pk], reason=self.reason, at=timezone.now()):
            return super().answer(request, *args, **kwargs)


class TakePart(MineView):
    """First choose. Comes back with the answers given when something is to be changed."""

    def get(self, request):
        sealed = request.GET.get("answers")
        answers = asdict(unseal_answers(request.user, sealed)) if sealed else None
        return self._page(TakePartForm(initial=answers))

    def post(self, request):
        form = TakePartForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        sealed = seal_answers(request.user, form.wish())
        return redirect(f"{reverse('mine:check')}?answers={sealed}")

    def _page(self, form, status=200):
        return render(self.request, "mine/take_part.html", {"form": form}, status=status)


class Check(MineView):
    """Then see everything on one page, before it counts."""

    def get(self, request):
        sealed = request.GET.get("answers", "")
        form = TakePartForm(asdict(unseal_answers(request.user, sealed)))
        if not form.is_valid():
            raise StaleWording(
                "What can be chosen has changed since you ticked it. Look at the page again, then choose."
            )
        return render(request, "mine/check.html", {"answers": form.cleaned_data, "reach": form.reach, "sealed": sealed})


class Confirm(MineView):
    def post(self, request):
        wish = unseal_answers(request.user, request.POST.get("answers", ""))
        return _confirmed(take_part_or_record(request.user, wish=wish, at=timezone.now()))


class StayOut(MineView):
    """Remembered, so that nobody asks again. Who takes part already is shown the way out instead."""

    def post(self, request):
        if takes_part(request.user):
            return redirect("mine:leave")
        return _confirmed(stay_out(request.user, at=timezone.now()))


class ChoiceMade(MineView):
    """The confirmation: found again under its reference at any time, by its person alone."""

    def get(self, request, reference):
        choice = get_object_or_404(Choice, person=request.user, reference=reference)
        withdrawals = choice.withdrawals.select_related("grant__purpose_version", "grant__source").order_by("pk")
        withdrawn = [withdrawal.grant for withdrawal in withdrawals]
        context = {
            "choice": choice,
            "granted": choice.grants.select_related("purpose_version", "source").order_by("pk"),
            "withdrawn": withdrawn,
            "came_back": Withdrawal.objects.filter(
                grant__person=request.user, withdrawn_at__lt=choice.made_at
            ).exists(),
            "took_the_score": any(grant.purpose_version.purpose == PurposeKey.SCORING for grant in withdrawn),
            "something_stayed": _open_at(request.user, choice.made_at).exists(),
        }
        return render(request, "mine/choice.html", context)


class Grants(MineView):
    """What stands open, by source and purpose, and every choice ever made."""

    def get(self, request):
        choices = Choice.objects.filter(person=request.user).order_by("-made_at")
        open_grants = OpenGrant.objects.filter(person=request.user).order_by("source__name", "purpose_version_id")
        open_grants = list(open_grants.select_related("source", "purpose_version", "grant__choice"))
        context = {
            "open_grants": open_grants,
            "by_purpose": sorted(open_grants, key=attrgetter("purpose_version_id")),
            "page": Paginator(choices, CHOICES_A_PAGE).get_page(request.GET.get("page")),
        }
        return render(request, "mine/grants.html", context)


class Withdraw(MineView):
    """Base of the three ways to take a yes back: one grant, one source, one purpose everywhere."""

    def post(self, request, **which):
        ever = Grant.objects.filter(person=request.user, **which)
        if not ever.exists():
            raise Http404
        # Already withdrawn ones among them do no harm: the person wants them closed, and they are.
        grants = ever.values_list("pk", flat=True)
        return _confirmed(withdraw(request.user, grants=grants, at=timezone.now()))


def _open_at(person, at):
    """What stood open right after this instant: a confirmation says the same whenever it is looked up."""
    return Grant.objects.filter(person=person, granted_at__lte=at).exclude(withdrawal__withdrawn_at__lte=at)


def _withdrew_before(person, at):
    return Withdrawal.objects.filter(grant__person=person, withdrawn_at__lt=at).exists()


def _confirmed(choice):
    return redirect("mine:choice", choice.reference)
