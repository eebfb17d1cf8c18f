"""The week of an instant. A file has millions of instants, but few hours and few ways to write minutes and seconds."""

import re
from datetime import UTC, datetime, timedelta

from scoring.connectors.refusals import RowRefused

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LEEWAY = timedelta(days=1)
MOST_REMEMBERED = 100_000
_HOUR = 13  # characters of 2026-11-18T12
_REMEMBERABLE = re.compile(r"\d{4}-\d\d-\d\d(?:$|[T ]\d\d:)")


class Calendar:
    """Tells weeks, in UTC, and remembers on which days anything happened.

    A week is a number: weeks since the Monday on which the calendar's year 1 began.

    :param now: instants more than a day later cannot be
    """

    def __init__(self, *, now: datetime):
        self._latest = now + LEEWAY
        self._days: set[int] = set()
        # The end of an instant (":30:00Z") → the weeks of its beginnings ("2026-11-18T12") in that zone.
        self._by_end: dict[str, dict[str, int]] = {}
        self._by_zone: dict[timedelta | None, dict[str, int]] = {}

    def week(self, written: str) -> int:
        """The week of an instant in ISO 8601 or Unix seconds; without a zone it is taken for UTC.

        :raises RowRefused: it is neither, or lies in the future or before 2000
        """
        weeks = self._by_end.get(written[_HOUR:])
        week = None if weeks is None else weeks.get(written[:_HOUR])
        return self._look_closely(written) if week is None else week

    def week_of_seconds(self, seconds: object) -> int:
        """The same for Unix seconds, as a number or written."""
        try:
            return self._note(datetime.fromtimestamp(float(seconds), tz=UTC))  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError, OSError) as error:
            raise RowRefused("The time is no number of Unix seconds.") from error

    @property
    def days(self) -> frozenset[int]:
        """Days on which anything happened, as proleptic ordinals."""
        return frozenset(self._days)

    def _look_closely(self, written: str) -> int:
        if written.replace(".", "", 1).isdigit() and len(written) > len("20261118"):
            return self.week_of_seconds(written)
        instant = _instant(written)
        week = self._note(instant)
        hour = instant.replace(minute=0, second=0, microsecond=0)
        if _REMEMBERABLE.match(written) and _day(hour) == _day(hour + timedelta(minutes=59)):
            self._remember(written, instant.utcoffset(), week)
        return week

    def _note(self, instant: datetime) -> int:
        utc = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        if utc > self._latest:
            raise RowRefused("The date lies in the future.")
        if utc < EARLIEST:
            raise RowRefused("The date lies before the year 2000.")
        day = _day(utc)
        self._days.add(day)
        return week_of_day(day)

    def _remember(self, written: str, zone: timedelta | None, week: int) -> None:
        if len(self._by_end) > MOST_REMEMBERED:
            self._by_end.clear()
        weeks = self._by_end.setdefault(written[_HOUR:], self._by_zone.setdefault(zone, {}))
        weeks[written[:_HOUR]] = week


def week_of_day(ordinal: int) -> int:
    return (ordinal - 1) // 7


def _day(instant: datetime) -> int:
    return (instant.astimezone(UTC) if instant.tzinfo else instant).toordinal()


def _instant(written: str) -> datetime:
    """ISO 8601, and the ways in which exports write it."""
    plain = written.strip().replace("/", "-").removesuffix(" UTC").replace(" +", "+")
    try:
        return datetime.fromisoformat(plain)
    except ValueError as error:
        raise RowRefused("The date is neither ISO 8601 (2026-11-18T12:00:00Z) nor Unix seconds.") from error
