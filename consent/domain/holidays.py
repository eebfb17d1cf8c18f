"""Days on which the company does not work. They count for deadlines in working days that are opened from then on."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts.errors import DomainError
from accounts.models import Person
from consent import events
from consent.audit.domain.recording import record
from consent.models import Holiday


@transaction.atomic
def add_holiday(day: date, name: str, *, by: Person, at: datetime) -> None:
    """:raises IsOneAlready: the day does not count as it is"""
    try:
        with transaction.atomic():
            Holiday.objects.create(day=day, name=name)
    except IntegrityError:
        raise IsOneAlready(f"{day:%-d %B %Y} is no working day already.") from None
    record(events.HolidayAdded(day.isoformat()), by=by, at=at)


@transaction.atomic
def remove_holiday(holiday: Holiday, *, by: Person, at: datetime) -> None:
    record(events.HolidayRemoved(holiday.day.isoformat()), by=by, at=at)
    holiday.delete()


class IsOneAlready(DomainError):
    """A day is a holiday once."""
