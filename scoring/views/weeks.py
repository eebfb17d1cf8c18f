"""All that is kept of a person's engagement, week by week, with a way to leave any of it out."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from consent.domain.queries import takes_part
from consent.views.mine import MineView, OwnDataView
from scoring.domain.exclusions import exclude, include
from scoring.models import Exclusion, WeekCount
from scoring.states import Kind

WEEKS_A_PAGE = 4


@dataclass(frozen=True)
class Row:
    """One number that is kept, and whether it counts."""

    week: date
    grant: int
    kind: int
    source_id: UUID
    source: str
    colleagues: int
    is_excluded: bool

    @property
    def label(self) -> str:
        return Kind(self.kind).label

    @property
    def dispute_url(self) -> str:
        return _dispute_url(week=self.week, kind=self.kind, source=self.source_id)


@dataclass(frozen=True)
class Week:
    monday: date
    rows: tuple[Row, ...]

    @property
    def is_excluded(self) -> bool:
        return all(row.is_excluded for row in self.rows)


@dataclass
class Whole:
    """All that is kept of one kind, or by one source."""

    what: str
    key: int | UUID
    label: str
    numbers: int = 0
    left_out: int = 0

    def add(self, numbers: int, left_out: int) -> None:
        self.numbers += numbers
        self.left_out += left_out

    @property
    def is_excluded(self) -> bool:
        return self.left_out >= self.numbers

    @property
    def dispute_url(self) -> str:
        return _dispute_url(**{self.what: self.key})


class MyWeeks(OwnDataView):
    reason = "Opening the page of weeks"

    def get(self, request):
        mondays = WeekCount.objects.filter(person=request.user).values_list("week", flat=True)
        page = Paginator(mondays.distinct().order_by("-week"), WEEKS_A_PAGE).get_page(request.GET.get("page"))
        weeks = list(_weeks(request.user, list(page)))
        context = {
            "page": page,
            "weeks": weeks,
            "takes_part": takes_part(request.user),
            "wholes": _wholes(request.user) if weeks else [],
        }
        return render(request, "mine/weeks.html", context)


def _wholes(person):
    """Each kind and each source of which something is kept, as a whole."""
    keys = ("grant__source", "grant__source__name", "kind")
    left_out = Exclusion.objects.filter(person=person).values_list(*keys).annotate(n=Count("*"))
    left_out = {(source, kind): n for source, _, kind, n in left_out}
    kinds, sources = {}, {}
    for source, name, kind, n in WeekCount.objects.filter(person=person).values_list(*keys).annotate(n=Count("*")):
        out = left_out.get((source, kind), 0)
        kinds.setdefault(kind, Whole("kind", kind, Kind(kind).label.capitalize())).add(n, out)
        sources.setdefault(source, Whole("source", source, name)).add(n, out)
    return [*(kinds[kind] for kind in sorted(kinds)), *sorted(sources.values(), key=attrgetter("label"))]


def _weeks(person, mondays):
    left_out = set(Exclusion.objects.filter(person=person, week__in=mondays).values_list("grant_id", "kind", "week"))
    counts = WeekCount.objects.filter(person=person, week__in=mondays).select_related("grant__source")
    counts = counts.order_by("-week", "grant__source__name", "grant_id", "kind")
    for monday, of_week in groupby(counts, key=attrgetter("week")):
        yield Week(monday, tuple(_row(count, left_out) for count in of_week))


def _row(count, left_out):
    is_excluded = (count.grant_id, count.kind, count.week) in left_out
    return Row(
        count.week,
        count.grant_id,
        count.kind,
        count.grant.source_id,
        count.grant.source.name,
        count.colleagues,
        is_excluded,
    )


class LeaveOut(MineView):
    """Leave out a whole week, kind or source, or one number, from the next score on."""

    def post(self, request, **which):
        exclude(request.user, at=timezone.now(), **which)
        return _back(request)


class CountAgain(MineView):
    def post(self, request, **which):
        include(request.user, at=timezone.now(), **which)
        return _back(request)


def _dispute_url(**which):
    return f"{reverse('mine:dispute_new')}?{urlencode(which)}"


def _back(request):
    """To the page of weeks that the button stood on."""
    return redirect(f"{reverse('mine:weeks')}?{urlencode({'page': request.POST.get('page', 1)})}")
