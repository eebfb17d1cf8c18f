"""Taking part, staying out and leaving: a person's own choices, each confirmed with a reference."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.errors import DomainError
from accounts.models import Person
from consent import events
from consent.audit.domain.recording import record
from consent.domain import journal
from consent.domain.references import new_reference
from consent.models import Choice, Grant, OpenGrant, PurposeVersion, Source, Withdrawal
from consent.states import MOST_WEEKS_BACK, ChoiceKind, PurposeKey


@dataclass(frozen=True)
class Wish:
    """What a person has ticked, as shown to them: wordings by their row, sources, and how far back to count."""

    purpose_versions: tuple[int, ...]
    sources: tuple[str, ...]
    weeks_back: int = 0
    is_of_age: bool = False


@transaction.atomic
def take_part(person: Person, *, wish: Wish, at: datetime) -> Choice:
    """Open a grant for each ticked purpose and source that is not open yet.

    :raises StaleWording: a purpose was worded anew since the page was shown
    :raises NothingChosen: no source, or not the scoring purpose that all others build on
    """
    lock_person(person)
    versions = _current_versions(wish.purpose_versions)
    sources = _sources_in_use(wish.sources)
    _refuse_incomplete(versions, sources, wish)
    choice = _choice(person, ChoiceKind.TAKE_PART, at=at)
    already = set(OpenGrant.objects.filter(person=person).values_list("purpose", "source_id"))
    counts_from = monday_of(at) - timedelta(weeks=wish.weeks_back)
    for version in versions:
        for source in sources:
            if (version.purpose, source.pk) not in already:
                _grant(person, version=version, source=source, choice=choice, counts_from=counts_from, at=at)
    return choice


@transaction.atomic
def stay_out(person: Person, *, at: datetime) -> Choice:
    """Remember that the person was asked and said no, so that nobody asks again."""
    lock_person(person)
    choice = _choice(person, ChoiceKind.STAY_OUT, at=at)
    record(events.StayedOut(choice.pk), by=person, at=at, about=person.pk)
    return choice


def leave(person: Person, *, at: datetime) -> Choice:
    """Withdraw everything that is open. Counts and scores are deleted before this returns."""
    return withdraw(person, grants=OpenGrant.objects.filter(person=person).values_list("pk", flat=True), at=at)


@transaction.atomic
def withdraw(person: Person, *, grants: Iterable[int], at: datetime) -> Choice:
    """Withdraw these grants of the person, with every purpose that builds on a scoring grant among them.

    PostgreSQL deletes what they covered in this same transaction. Withdrawing what is closed already is no error:
    the person wanted it closed, and it is.
    """
    lock_person(person)
    return _close(person, ChoiceKind.WITHDRAW, grants, by=person, at=at)


@transaction.atomic
def end_for_removed_source(person: Person, source: Source, *, by: Person | None, at: datetime) -> Choice:
    """Close what the person granted of a source that their company removed, as if they had withdrawn it."""
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    grants = OpenGrant.objects.filter(person=person, source=source).values_list("pk", flat=True)
    return _close(person, ChoiceKind.REMOVED, grants, by=by, at=at)


def _close(person: Person, kind: ChoiceKind, grants: Iterable[int], *, by: Person | None, at: datetime) -> Choice:
    choice = _choice(person, kind, at=at)
    going = _with_dependents(person, set(grants))
    for grant in going:
        Withdrawal.objects.create(grant_id=grant.pk, choice=choice, withdrawn_at=at)
        record(events.GrantWithdrawn(grant.pk, grant.purpose, grant.source_id), by=by, at=at, about=person.pk)
    for covered in settings.WITHDRAWAL_COVERS:
        import_string(covered)(person, at=at)
    journal.withdrawn(person.pk, [(grant.purpose, grant.source_id) for grant in going], at=at)
    return choice


def monday_of(at: datetime) -> date:
    """The Monday that begins the ISO week of this instant, in UTC as in the database's own checks."""
    day = at.date()
    return day - timedelta(days=day.weekday())


def lock_person(person: Person) -> None:
    """Queue up behind this person's other choices, as the triggers do."""
    if not Person.objects.select_for_update(no_key=True).filter(pk=person.pk, is_active=True).exists():
        raise NotHere("This account is closed. Ask your company's owner if that is a mistake.")


def _choice(person: Person, kind: ChoiceKind, *, at: datetime) -> Choice:
    return Choice.objects.create(person=person, kind=kind, reference=new_reference("A"), made_at=at)


def _grant(
    person: Person,
    *,
    version: PurposeVersion,
    source: Source,
    choice: Choice,
    counts_from: date,
    at: datetime,
) -> Grant:
    grant = Grant.objects.create(
        person=person,
        purpose_version=version,
        source=source,
        choice=choice,
        counts_from=counts_from,
        granted_at=at,
    )
    event = events.GrantMade(grant.pk, version.purpose, version.version, source.pk, counts_from.isoformat())
    record(event, by=person, at=at, about=person.pk)
    return grant


def _current_versions(shown: tuple[int, ...]) -> list[PurposeVersion]:
    versions = list(PurposeVersion.objects.offered().filter(pk__in=shown))
    if len(versions) != len(set(shown)):
        raise StaleWording(
            "The wording of a purpose has changed since this page was shown. Read it again, then choose."
        )
    return versions


def _sources_in_use(chosen: tuple[str, ...]) -> list[Source]:
    sources = list(Source.objects.in_use().filter(pk__in=chosen))
    if len(sources) != len(set(chosen)):
        raise StaleWording("A source you chose is no longer in use. Look at the list again, then choose.")
    return sources


def _refuse_incomplete(versions: list[PurposeVersion], sources: list[Source], wish: Wish) -> None:
    if not sources:
        raise NothingChosen("Choose at least one source, or stay out.")
    if PurposeKey.SCORING not in {version.purpose for version in versions}:
        raise NothingChosen("Tick the first purpose: the others are about a score, and there is none without it.")
    if not 0 <= wish.weeks_back <= MOST_WEEKS_BACK:
        raise NothingChosen(f"Counting may begin this week or up to {MOST_WEEKS_BACK} weeks back.")
    if not wish.is_of_age:
        raise NothingChosen("Confirm that you are 18 or older. Nobody younger is scored.")


def _with_dependents(person: Person, chosen: set[int]) -> list[OpenGrant]:
    """The chosen grants and, where scoring goes for a source, the source's other purposes: they rest on the score."""
    open_grants = list(OpenGrant.objects.filter(person=person).order_by("pk"))
    going = {g.source_id for g in open_grants if g.pk in chosen and g.purpose == PurposeKey.SCORING}
    return [g for g in open_grants if g.pk in chosen or g.source_id in going]


class StaleWording(DomainError):
    """What the person answered is not what is asked now."""


class NothingChosen(DomainError):
    """The wish lacks something that only the person can add."""

    status = 422


class NotHere(DomainError):
    """The account is closed."""

    status = 403
