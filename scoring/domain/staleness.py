"""Remembering whose score no longer matches what it is made of."""

from accounts.models import Person
from consent.models import Participation
from consent.states import PurposeKey
from scoring.models import StaleScore


def mark_stale(person: Person) -> None:
    """Have the next run work this person's score out anew. Marking twice is marking once."""
    parts = Participation.objects.filter(person=person, purpose=PurposeKey.SCORING)
    stale = [StaleScore(person=person, participation=part) for part in parts]
    StaleScore.objects.bulk_create(stale, ignore_conflicts=True)
