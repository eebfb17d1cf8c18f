"""Scoring's pages, by audience."""

from datetime import date

from django.urls import path, register_converter

from scoring.views import manage as stewards
from scoring.views import mine as own
from scoring.views import weeks


class DayConverter:
    """A day in an address; what is no day of the calendar is no address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


register_converter(DayConverter, "day")

mine = [
    path("", own.Home.as_view(), name="home"),
    path("score/", own.MyScore.as_view(), name="score"),
    path("weeks/", weeks.MyWeeks.as_view(), name="weeks"),
    path("weeks/<day:monday>/exclude/", weeks.LeaveOut.as_view(), name="exclude_week"),
    path("weeks/<day:monday>/include/", weeks.CountAgain.as_view(), name="include_week"),
    path("weeks/<day:monday>/<int:grant>/<int:kind>/exclude/", weeks.LeaveOut.as_view(), name="exclude"),
    path("weeks/<day:monday>/<int:grant>/<int:kind>/include/", weeks.CountAgain.as_view(), name="include"),
    path("pause/", own.PauseNow.as_view(), name="pause"),
    path("resume/", own.Resume.as_view(), name="resume"),
    path("leave/", own.Leave.as_view(), name="leave"),
    path("model/", own.Model.as_view(), name="model"),
]
manage = [
    path("runs/", stewards.Runs.as_view(), name="runs"),
    path("runs/recompute/", stewards.Recompute.as_view(), name="recompute"),
]
