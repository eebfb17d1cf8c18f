"""How the whole is doing, each finding with its fix. Counts and ages; nothing about people."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from django.utils.module_loading import import_string

from accounts.models import Job
from accounts.states import JobState
from accounts.tenants.context import each_schema, in_public
from accounts.tenants.domain.backups import backups, horizon, put_aside
from accounts.tenants.domain.blueprint import fingerprints
from accounts.tenants.models import Blueprint, Company, Heartbeat
from accounts.tenants.states import CompanyState

SILENT_AFTER = timedelta(minutes=2)
STALE_AFTER = timedelta(hours=26)
WAITING_TOO_LONG = timedelta(minutes=10)


@dataclass(frozen=True)
class Finding:
    """One line of the page. `fix` says in words what to do; empty when all is well."""

    title: str
    fact: str
    fix: str = ""

    @property
    def is_well(self) -> bool:
        return not self.fix


@dataclass(frozen=True)
class Visit:
    """What was seen from inside one company: the app may look there only as that company's own role."""

    schema: str
    fingerprint: str
    oldest_waiting: datetime | None
    is_fenced: bool
    missed_deadlines: int
    troubles: dict[str, str]


def examine(*, at: datetime) -> list[Finding]:
    """Look at the database, the worker, the sealer, the waiting jobs and each company's schema."""
    with in_public():
        companies = list(Company.objects.order_by("pk"))
        findings = [_database(), _companies(), _worker(at), _sealer(at), _backups(at)]
    suspended = {company.schema_name for company in companies if company.is_suspended}
    schemas = each_schema([company.schema_name for company in companies])
    visits = [_visit(schema, is_suspended=schema in suspended) for schema in schemas]
    found = [_waiting(visits, at), _deadlines(visits), _migrations(visits), _fences(visits), *_troubles(visits)]
    return [*findings, *found]


def _visit(schema: str, *, is_suspended: bool) -> Visit:
    waiting = Job.objects.none() if is_suspended else Job.objects.filter(state=JobState.QUEUED)
    oldest = waiting.aggregate(at=Min("created_at"))["at"]
    missed = 0 if is_suspended else import_string(settings.COUNT_MISSED_DEADLINES)()
    troubles = {title: import_string(path)() for title, path in settings.ASKED_FOR_HEALTH.items()}
    # Of a suspended company nothing is read, and nobody replays its journal.
    is_fenced = not is_suspended and _is_fenced()
    return Visit(schema, fingerprints([schema])[schema], oldest, is_fenced, missed, troubles)


def _is_fenced() -> bool:
    """Asked of PostgreSQL itself: what it means stands in consent, above this room."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_is_fenced()")
        return bool(cursor.fetchone()[0])


def _backups(at: datetime) -> Finding:
    known, aside = backups(), put_aside()
    if not known:
        return Finding("Backups", "There is none.", "Run “manage.py backup” every night; keep its folder elsewhere.")
    oldest, newest = min([*known, *aside]), known[-1]
    fact = f"The newest is {_words(at - newest.made_at)} old, the oldest kept {_words(at - oldest.made_at)}."
    if aside:
        fact += f" A restore has put {len(aside)} {'database' if len(aside) == 1 else 'databases'} aside."
    if oldest.made_at < horizon(at=at - timedelta(days=1)):
        fix = f"{oldest.name} breaks the date told to erased people: run “manage.py backup”, which deletes it."
        return Finding("Backups", fact, fix)
    is_stale = at - newest.made_at > STALE_AFTER
    return Finding("Backups", fact, "Run “manage.py backup” every night." if is_stale else "")


def _fences(visits: list[Visit]) -> Finding:
    fenced = [visit.schema for visit in visits if visit.is_fenced]
    if fenced:
        fix = "Run “manage.py replay_journal”; it says what is in the way. Until then nobody’s data is read there."
        fact = f"{len(fenced)} of {len(visits)} companies fenced off: {', '.join(fenced[:5])}."
        return Finding("Restored", fact, fix)
    return Finding("Restored", "No company waits for the journal of those who left.")


def _troubles(visits: list[Visit]) -> list[Finding]:
    """What other rooms were asked: one finding each, with the first company's words."""
    found = []
    for title in settings.ASKED_FOR_HEALTH:
        told = [(visit.schema, visit.troubles[title]) for visit in visits if visit.troubles[title]]
        schemas = ", ".join(schema for schema, _ in told[:5])
        fact = f"Trouble in {len(told)} of {len(visits)} companies: {schemas}." if told else "No trouble."
        found.append(Finding(title, fact, told[0][1] if told else ""))
    return found


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
    return Finding("Database", f"Answers. PostgreSQL {version}.")


def _companies() -> Finding:
    counted = dict(Company.objects.values_list("state").annotate(Count("pk")))
    parts = [f"{counted.get(state.value, 0)} {state.label}" for state in CompanyState]
    return Finding("Companies", f"{', '.join(parts)}, the platform among them.")


def _worker(at: datetime) -> Finding:
    return _process(
        "Worker", at,
        unheard="Start it with “manage.py work”. Until then jobs only wait.",
        silent="Stop its whole process group, then start “manage.py work” again. No job is lost.",
    )  # fmt: skip


def _sealer(at: datetime) -> Finding:
    return _process(
        "Sealer", at,
        unheard="Start it with “manage.py seal”. Until then ledgers only grow, and nothing new can be proven.",
        silent="Look at its log, then start “manage.py seal” again. No entry is lost.",
    )  # fmt: skip


def _process(title: str, at: datetime, *, unheard: str, silent: str) -> Finding:
    heartbeat = Heartbeat.objects.filter(name=title.lower()).first()
    if heartbeat is None:
        return Finding(title, "Has never been heard of.", unheard)
    age = at - heartbeat.at
    return Finding(title, f"Last heard of {_words(age)} ago.", silent if age > SILENT_AFTER else "")


def _waiting(visits: list[Visit], at: datetime) -> Finding:
    oldest = min((visit.oldest_waiting for visit in visits if visit.oldest_waiting), default=None)
    if oldest is None:
        return Finding("Jobs", "None is waiting.")
    fact = f"The oldest one has waited for {_words(at - oldest)}."
    if at - oldest > WAITING_TOO_LONG:
        return Finding("Jobs", fact, "If the worker lives it has too much to do: start a second “manage.py work”.")
    return Finding("Jobs", fact)


def _deadlines(visits: list[Visit]) -> Finding:
    """How many and where, never whose: what is owed to whom is between a company and its people."""
    missed = {visit.schema: visit.missed_deadlines for visit in visits if visit.missed_deadlines}
    if not missed:
        return Finding("Deadlines", "None is missed.")
    where = ", ".join(f"{number} of {schema}" for schema, number in missed.items())
    fix = (
        "Their officers are told. Where jobs or the worker stand still as well, look at those first: erasing is a job."
    )
    return Finding("Deadlines", f"Missed: {where}.", fix)


def _migrations(visits: list[Visit]) -> Finding:
    with in_public():
        newest = Blueprint.objects.values_list("fingerprint", flat=True).first()
    behind = [visit.schema for visit in visits if visit.fingerprint != newest]
    if behind:
        fix = "Run “manage.py migrate_companies” as the owner (ASSENT_AS=owner)."
        return Finding(
            "Schemas", f"{len(behind)} of {len(visits)} differ from the blueprint: {', '.join(behind)}.", fix
        )
    return Finding("Schemas", f"All {len(visits)} are as the blueprint is.")


def _words(age: timedelta) -> str:
    seconds = max(0, round(age.total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}s"
    return f"{seconds} seconds"
