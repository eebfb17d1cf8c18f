"""Signed-in browsers. A session names its person inside a signed text, so all of a company's are read to find one's."""

from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session


def end_sessions_of(person: UUID) -> int:
    """Sign a person out everywhere. Returns how many browsers that were."""
    theirs = sessions_of(person)
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)


def sessions_of(person: UUID) -> list[str]:
    sought = str(person)
    return [s.pk for s in Session.objects.iterator() if s.get_decoded().get(SESSION_KEY) == sought]
