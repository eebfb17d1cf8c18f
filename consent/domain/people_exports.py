"""An officer's export about people: two others approve it, and those it is about are told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from accounts.models import Person
from consent import events
from consent.audit.domain.recording import record
from consent.domain.approvals import execute
from consent.domain.approvals_mail import tell_exported
from consent.domain.data_map import data_map
from consent.domain.data_uses import data_use
from consent.domain.matters import PeopleExport, UnknownMatter, matter_of, matters
from consent.models import Choice, Grant, Proposal, PurposeVersion
from consent.states import PurposeKey

PURPOSE = PurposeKey.COMPLIANCE_REVIEW
Rows = dict[str, list[dict[str, Any]]]


def export_people(proposal: Proposal, *, by: Person, at: datetime) -> dict[str, Rows]:
    """Use an approval for the one export that it names: what is kept of each person, by table.

    The receipt names the people and the approved reason, and is committed before the first row is read.

    :raises NotInEffect: it is not approved, used, or too old; nothing is read, and the attempt stays on record
    :raises ReaderRefused: the person is no compliance officer any more
    """
    matter = matter_of(proposal)
    if not isinstance(matter, PeopleExport):
        raise UnknownMatter(f"This approves no export, but: {matters()[proposal.kind].kind.label}.")
    people = matter.concerns()
    with data_use(PURPOSE, by=by, about=people, reason=matter.reason[:200], at=at):
        execute(proposal, by=by, at=at)
        for person in people:
            record(events.ExportedAbout(proposal.pk), by=by, at=at, about=person)
        tell_exported(proposal, Person.objects.filter(pk__in=people, is_active=True))
        kept = _kept()
        return {str(person): _rows_about(person, kept) for person in people}


def _kept() -> list[tuple[type[Model], str]]:
    """What is exported: the tables that the purpose may read, and what the person has chosen."""
    tables = PurposeVersion.objects.current().get(purpose=PURPOSE).tables
    kinds = [kind for kind in data_map() if kind.table in tables or kind.model in {Choice, Grant}]
    return [(kind.model, kind.about) for kind in kinds if kind.about]


def _rows_about(person: UUID, kept: list[tuple[type[Model], str]]) -> Rows:
    return {
        str(model._meta.verbose_name_plural): list(model._default_manager.filter(**{about: person}).values())  # noqa: SLF001
        for model, about in kept
    }
