"""Questions about consent that more than one caller asks."""

from accounts.models import Person
from consent.models import Participation


def takes_part(person: Person) -> bool:
    """Whether the person has anything open that they could withdraw."""
    return Participation.objects.filter(person=person).exists()
