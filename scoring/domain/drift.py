"""What a run moved, in words; the bounds beyond which it is held back; and letting it through."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.formats import number_format

from accounts.domain import jobs
from accounts.domain.company_mail import mail_people
from accounts.errors import DomainError
from accounts.models import Job, Person
from accounts.states import Role
from consent.audit.domain.recording import record
from consent.models import Source
from scoring import events
from scoring.models import DriftBounds, Run
from scoring.states import Drift


def bounds() -> DriftBounds:
    """How far a run may lie from the scores before it now."""
    return DriftBounds.objects.latest("pk")


@transaction.atomic
def set_bounds(values: dict[str, Decimal], *, reason: str, by: Person, at: datetime) -> DriftBounds:
    """Set other bounds, from the next run on.

    :param values: `stability`, `without`, `volume_least`, `volume_most`, as in DriftBounds
    """
    made = DriftBounds.objects.create(**values, reason=reason, set_by=by.pk)
    record(events.DriftBoundsSet(*(str(value) for value in values.values())), by=by, at=at)
    return made


def held_back() -> Run | None:
    """The newest run, if nothing of it was published."""
    newest = Run.objects.select_related("model").order_by("-pk").first()
    return newest if newest and newest.is_held else None


@transaction.atomic
def let_through(run: Run, *, reason: str, by: Person, at: datetime) -> Job:
    """Have a run that was held back worked out anew and published, whatever it moves.

    :raises NotHeld: nothing is held back, or something newer was worked out
    """
    newest = held_back()
    if newest is None or newest.pk != run.pk:
        raise NotHeld("This run is not the newest, or was not held back. Look at the list again.")
    record(events.RunLetThrough(run.pk), by=by, at=at)
    arguments = {"scope": run.scope, "lets_through": run.pk, "reason": reason}
    return jobs.start("run_scores", title="Working out what was held back", arguments=arguments, by=by, at=at)


def hold_back(run: Run, *, by: Person | None, at: datetime) -> None:
    """Put on record that nothing of a run was published, and ask the stewards: once for each week, model and reason."""
    alike = Run.objects.filter(is_held=True, week=run.week, model=run.model, beyond=run.beyond)
    record(events.RunHeldBack(run.pk, run.model.number, run.week.isoformat(), too_far(run)), by=by, at=at)
    if not alike.exclude(pk=run.pk).exists():
        stewards = Person.objects.filter(is_active=True, roles__role=Role.STEWARD).distinct()
        mail_people("run_held_back", stewards, page="manage:run", arguments=[run.pk], why=too_far(run))


def too_far(run: Run) -> str:
    """What of a run lies beyond the bounds, in words."""
    return " and ".join(Drift(name).label for name in run.beyond)


def told(run: Run) -> Iterator[str]:
    """What a run moved, a sentence each. Figures there are only about fifty people or more, and sources with ten."""
    moved: dict[str, Any] = run.drift or {}
    if (stability := moved.get("stability")) is not None:
        yield f"The scores lie otherwise than before: their population stability index is {stability:.2f}."
    if shares := moved.get("without"):
        before, now = (number_format(100 * share, 0) for share in shares)
        yield f"Without enough to go by were {before} % of those people, and now are {now} %."
    volumes = {volume["source"]: volume["ratio"] for volume in moved.get("volumes", [])}
    for source in Source.objects.filter(pk__in=volumes).order_by("name"):
        yield f"“{source.name}” brought {volumes[str(source.pk)]:.2f} times the mean of the four weeks before."


class NotHeld(DomainError):
    """There is nothing to let through."""
