"""Searches that officers keep. People stand in them by opaque id, so that a name changed or erased is kept nowhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.errors import DomainError
from accounts.models import Person
from consent.domain.ledger_people import identify_on_record
from consent.domain.ledger_query import parse
from consent.models import SavedSearch

REASON = "Saving a search of the ledger by name"


def save_search(name: str, *, text: str, is_shared: bool, by: Person, at: datetime) -> SavedSearch:
    """Keep a query under a name of one's own.

    :raises QueryNotUnderstood: with the term at fault
    :raises NameTaken: one's own searches have one of that name
    """
    query = identify_on_record(parse(text), by=by, reason=REASON, at=at)
    with _refused_if_taken(name):
        return SavedSearch.objects.create(person=by, name=name, query=str(query), is_shared=is_shared, saved_at=at)


def change_search(search: SavedSearch, *, name: str, is_shared: bool) -> None:
    """Give a search another name, or another audience.

    :raises NameTaken: one's own searches have one of that name
    """
    with _refused_if_taken(name):
        SavedSearch.objects.filter(pk=search.pk).update(name=name, is_shared=is_shared)


@contextmanager
def _refused_if_taken(name: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise NameTaken(f"You have a search called “{name}” already. Give this one another name.") from error


class NameTaken(DomainError):
    """One person's searches have different names."""
