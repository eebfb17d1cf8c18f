"""What a withdrawal covers beyond the rows that PostgreSQL's cascades delete with the grant."""

from datetime import datetime

from accounts.models import Person
from consent.domain.data_uses import data_use
from consent.models import Participation
from consent.states import PurposeKey
from scoring.domain.staleness import mark_stale
from scoring.models import Pause


def forget(person: Person, *, at: datetime) -> None:
    """Inside the withdrawal's own transaction: a new score of what is left, or nothing at all of who is gone."""
    with data_use(PurposeKey.ERASURE, by=person, about=[person.pk], reason="Withdrawing", at=at):
        _forget(person)


def _forget(person: Person) -> None:
    if Participation.objects.filter(person=person, purpose=PurposeKey.SCORING).exists():
        mark_stale(person)
    else:
        Pause.objects.filter(person=person).delete()
