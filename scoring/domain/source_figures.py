"""What a source's page tells in numbers: never of anybody alone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Sum
from django.db.models.functions import TruncWeek

from accounts.models import Person
from consent.domain.choices import monday_of
from consent.models import OpenGrant, Source
from scoring.models import Import, InboxDay
from scoring.states import ImportState

FEWEST = 5
WEEKS_SHOWN = 12


@dataclass(frozen=True)
class Figures:
    """`coverage` is how many people at least granted it, of how many at least; None where that tells on somebody."""

    coverage: tuple[int, int] | None
    volumes: list[tuple[date, int]]
    last_read_at: datetime | None
    malformed: int
    refused_files: int


def figures_of(source: Source, *, at: datetime) -> Figures:
    """Numbers about a source's files, events and grants."""
    since = monday_of(at) - timedelta(weeks=WEEKS_SHOWN - 1)
    files = Import.objects.filter(source=source)
    recent = files.filter(uploaded_at__date__gte=since)
    return Figures(
        coverage=coverage_of(source),
        volumes=_volumes(source, since),
        last_read_at=files.filter(state=ImportState.DONE).aggregate(last=Max("finished_at"))["last"],
        malformed=recent.aggregate(number=Sum("malformed"))["number"] or 0,
        refused_files=recent.filter(state=ImportState.FAILED).count(),
    )


def coverage_of(source: Source) -> tuple[int, int] | None:
    """How many granted it, in fives: hidden where fewer than five did, or fewer than five did not (Article 9)."""
    granted = OpenGrant.objects.for_scoring().filter(source=source, person__is_active=True)
    willing = granted.aggregate(number=Count("person", distinct=True))["number"]
    everybody = Person.objects.filter(is_active=True).count()
    if willing < FEWEST or everybody - willing < FEWEST:
        return None
    return willing - willing % FEWEST, everybody - everybody % FEWEST


def _volumes(source: Source, since: date) -> list[tuple[date, int]]:
    """Rows and events by the week in which they came: of everybody, so that they tell of nobody who granted."""
    read = Import.objects.filter(source=source, finished_at__date__gte=since).annotate(week=TruncWeek("finished_at"))
    sent = InboxDay.objects.filter(source=source, day__gte=since).annotate(week=TruncWeek("day"))
    by_week: dict[date, int] = {}
    for week, number in read.values_list("week").annotate(number=Sum("read")).order_by():
        by_week[week.date()] = by_week.get(week.date(), 0) + number
    for week, number in sent.values_list("week").annotate(number=Sum("events")).order_by():
        by_week[week] = by_week.get(week, 0) + number
    weeks = [since + timedelta(weeks=number) for number in range(WEEKS_SHOWN)]
    return [(week, by_week.get(week, 0)) for week in weeks]
