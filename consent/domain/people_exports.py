"""An officer's export about people: two others approve it, and each person it is about finds it in the ledger."""

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from consent import events
from consent.audit.domain.recording import record
from consent.domain.approvals import execute
from consent.domain.matters import MATTERS, PeopleExport, UnknownMatter, matter_of
from consent.models import Proposal


@transaction.atomic
def begin_people_export(proposal: Proposal, *, by: Person, at: datetime) -> PeopleExport:
    """Use an approval for the one export that it names, and record it about each person.

    Call it in the transaction that starts the export; what it returns is all that may be exported.

    :raises NotInEffect: it is not approved, used, or too old
    """
    matter = matter_of(proposal)
    if not isinstance(matter, PeopleExport):
        raise UnknownMatter(f"This approves no export, but: {MATTERS[proposal.kind].kind.label}.")
    execute(proposal, by=by, at=at)
    for person in matter.concerns():
        record(events.ExportedAbout(proposal.pk), by=by, at=at, about=person)
    return matter
