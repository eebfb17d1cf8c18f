"""What a withdrawal covers beyond the rows that PostgreSQL's cascades delete with the grant."""

from accounts.models import Person
from consent.models import Participation
from consent.states import PurposeKey
from scoring.domain.staleness import mark_stale
from scoring.models import Pause


def forget(person: Person) -> None:
    """Inside the withdrawal's own transaction: a new score of what is left, or nothing at all of who is gone."""
    if Participation.objects.filter(person=person, purpose=PurposeKey.SCORING).exists():
        mark_stale(person)
    else:
        Pause.objects.filter(person=person).delete()
