"""A yes that could not be taken leaves a trace, though nothing else does."""

from datetime import datetime

from django.db import transaction

from accounts.errors import DomainError
from accounts.models import Person
from consent import events
from consent.audit.domain.recording import record
from consent.domain.choices import NothingChosen, StaleWording, Wish, take_part
from consent.models import Choice

# Codes, not the sentences shown: entries hold no free text.
REASONS: dict[type[DomainError], str] = {
    StaleWording: "the wording or a source had changed",
    NothingChosen: "the answers were incomplete",
}


def take_part_or_record(person: Person, *, wish: Wish, at: datetime) -> Choice:
    """Take part; if that is refused, record the refusal in a transaction of its own and raise it again."""
    try:
        return take_part(person, wish=wish, at=at)
    except (StaleWording, NothingChosen) as refusal:
        _record(refusal, person=person, at=at)
        raise


@transaction.atomic
def _record(refusal: DomainError, *, person: Person, at: datetime) -> None:
    record(events.GrantRefused(REASONS[type(refusal)]), by=person, at=at, about=person.pk)
