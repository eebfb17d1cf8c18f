"""What is due by when, as officers see it: the board, each case, how long each kind may take."""

from collections.abc import Iterable
from typing import ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.states import Permission
from accounts.views.base import PermissionView, permissions_for
from consent.audit.models import Opening
from consent.deadline_forms import HolidayForm, ReasonForm
from consent.domain import deadlines
from consent.domain.approvals import propose
from consent.domain.holidays import add_holiday, remove_holiday
from consent.domain.ledger_people import name
from consent.domain.matters import Remainder
from consent.domain.obligations import extend, why_stopped
from consent.models import DeadlinePolicy, Erasure, Extension, Holiday, Obligation
from consent.states import ObligationKind

ROWS_A_PAGE = 25


class DeadlineView(PermissionView):
    permission = Permission.SEE_DEADLINES


class Board(DeadlineView):
    """What is unmet, the most pressing first; or what is done. Names only on request, on record."""

    def get(self, request):
        kind, done = request.GET.get("kind", ""), request.GET.get("show") == "done"
        rows = deadlines.board(kind=kind if kind in ObligationKind.values else "", done=done)
        page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
        context = {
            "numbers": deadlines.numbers(),
            "page": page,
            "rows": _rows(request, page),
            "kinds": [("", "All"), *ObligationKind.choices],
            "kind": kind,
            "done": done,
            "stopped": why_stopped(),
        }
        return render(request, "compliance/deadlines.html", context | _naming(request))


class Case(DeadlineView):
    """One obligation: who, what, by when, what happened, and what shows it."""

    def get(self, request, pk, *, form=None, act="", status=200):
        case = get_object_or_404(Obligation.objects.with_standing(), pk=pk)
        policy = DeadlinePolicy.objects.get(kind=case.kind)
        extension = Extension.objects.filter(obligation=case).first()
        context = {
            "case": case,
            "entries": _with_texts(deadlines.history_of(case)),
            "extension": extension,
            "may_extend": not extension and policy.extension_days and case.standing in {"on_track", "due_soon"},
            "policy": policy,
            "erasure": Erasure.objects.filter(obligation=case).first(),
            "name": _names(request, [case], f"Looking at {case.reference}, by name").get(case.person),
            "extend_form": form if act == "extend" else _reason_form("extend"),
            "late_form": form if act == "late" else _reason_form("late", initial={"reason": case.late_because}),
            "accept_form": form if act == "accept" else _reason_form("accept"),
            "form": form,
        }
        return render(request, "compliance/case.html", context | _naming(request), status=status)


class _Reasoned(Case):
    """An act that wants a reason; the case's page comes back where there is none."""

    act: ClassVar[str]
    http_method_names: ClassVar = ["post"]

    def post(self, request, pk):
        case = get_object_or_404(Obligation, pk=pk)
        form = _reason_form(self.act, request.POST)
        if not form.is_valid():
            return self.get(request, pk, form=form, act=self.act, status=422)
        self.carry_out(case, form.cleaned_data["reason"])
        return redirect("compliance:case", pk)

    def carry_out(self, case: Obligation, reason: str) -> None:
        raise NotImplementedError


class Extend(_Reasoned):
    act = "extend"

    def carry_out(self, case, reason):
        extend(case, reason=reason, by=self.request.user, at=timezone.now())
        messages.success(self.request, "The deadline is extended, once and for all. The person concerned is told why.")


class WhyLate(_Reasoned):
    act = "late"

    def carry_out(self, case, reason):
        deadlines.say_why_late(case, because=reason, by=self.request.user, at=timezone.now())
        messages.success(self.request, "Put down, on the record.")


class AcceptRemainder(_Reasoned):
    """Propose that an erasure ends as incomplete: two others decide on exactly what was found."""

    act = "accept"

    def carry_out(self, case, reason):
        erasure = get_object_or_404(
            Erasure.objects.exclude(found=None).exclude(found={}), obligation=case, erased_at=None
        )
        matter = Remainder(erasure=str(erasure.pk), left=erasure.found, reason=reason)
        propose(matter, by=self.request.user, at=timezone.now())
        messages.success(self.request, "It is proposed, and those who can decide were asked by mail.")


class Policies(DeadlineView):
    """How long each kind may take, and the days that do not count."""

    def get(self, request, *, form=None, status=200):
        context = {
            "policies": DeadlinePolicy.objects.order_by("kind"),
            "holidays": Holiday.objects.filter(day__gte=timezone.localdate()).order_by("day"),
            "form": form or HolidayForm(),
        }
        return render(request, "compliance/deadline_policies.html", context, status=status)


class AddHoliday(Policies):
    http_method_names: ClassVar = ["post"]

    def post(self, request):
        form = HolidayForm(request.POST)
        if not form.is_valid():
            return self.get(request, form=form, status=422)
        add_holiday(**form.cleaned_data, by=request.user, at=timezone.now())
        return redirect("compliance:deadline_policies")


class RemoveHoliday(DeadlineView):
    def post(self, request, day):
        holiday = get_object_or_404(Holiday, pk=_day_or_404(day))
        remove_holiday(holiday, by=request.user, at=timezone.now())
        return redirect("compliance:deadline_policies")


def _reason_form(act, *arguments, **words):
    """Two may stand on one page: each has ids of its own."""
    return ReasonForm(*arguments, auto_id=f"id_{act}_%s", **words)


def _day_or_404(text):
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise Http404
    return day


def _rows(request, page):
    names = _names(request, page, "Looking at the deadlines, by name")
    return [(row, names.get(row.person)) for row in page]


def _names(request, cases: Iterable[Obligation], reason: str) -> dict[UUID, str]:
    if request.GET.get("names") != "on":
        return {}
    return name([case.person for case in cases if case.person], by=request.user, reason=reason, at=timezone.now())


def _naming(request):
    query = request.GET.copy()
    if query.pop("names", None) is None:
        query["names"] = "on"
    may = Permission.NAME_PEOPLE in permissions_for(request)
    return {"with_names": request.GET.get("names") == "on", "may_name": may, "other_way": f"?{query.urlencode()}"}


def _with_texts(entries):
    """Entries with the text that each commits to: an officer may read it here as on the ledger's own page."""
    openings = Opening.objects.filter(entry_id__in=[entry.pk for entry in entries])
    texts = {opening.entry_id: opening.text for opening in openings}
    return [(entry, texts.get(entry.pk, "")) for entry in entries]
