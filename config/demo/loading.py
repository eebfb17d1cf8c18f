"""Filling the demo through the product's own doors: provisioning, choices, the importer, runs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.domain import job_runs
from accounts.domain.roles import give_role
from accounts.domain.teams import make_team, put_into_team
from accounts.models import Job, Person, RoleHeld
from accounts.states import JobState, Role
from accounts.tenants.context import in_public, in_schema
from accounts.tenants.domain.provisioning import provision
from accounts.tenants.models import Company
from config.demo.cast import (
    COMPANIES,
    OPERATOR,
    PASSWORD,
    PLAYERS,
    TAKES_PART_SHARE,
    TEAMS,
    Player,
    colleagues,
    email_of,
)
from config.demo.events import send_events
from config.demo.interactions import write_interactions
from config.demo.proposals import go_live, make_proposals
from consent.domain.choices import Wish, stay_out, take_part
from consent.domain.sources import make_source
from consent.models import Obligation, PurposeVersion, Source
from consent.states import ObligationKind, PurposeKey, SourceKind
from scoring.domain.disputes import open_dispute
from scoring.domain.imports import begin_reading, take_file
from scoring.domain.runs import last_full_week, run_scores
from scoring.models import Import, Run
from scoring.states import Act

WEEKS_OF_HISTORY = 8
MAPPING = {
    "columns": {"occurred_at": "occurred_at", "actor": "actor_email", "kind": "kind", "target": "target_email"},
    "acts": {act.value: act.value for act in Act},
}
Progress = Callable[[str, int, int | None], None]


def load_platform(*, at: datetime) -> None:
    """Make the platform's own company and its operator, once."""
    _make_company("Assent", settings.PLATFORM_SCHEMA, settings.PLATFORM_HOST, at=at)
    with in_schema(settings.PLATFORM_SCHEMA), transaction.atomic():
        operator = _player(OPERATOR, settings.PLATFORM_SCHEMA, password=make_password(PASSWORD), at=at)
        RoleHeld.objects.get_or_create(person=operator, role=Role.OPERATOR, defaults={"given_at": at})


def load_company(schema: str, *, at: datetime, progress: Progress) -> None:
    """Make one company with its people, their choices, a half year of counts, and scores. Does nothing twice."""
    _make_company(COMPANIES[schema], schema, f"{schema}.{settings.PLATFORM_HOST}", at=at)
    with in_schema(schema):
        _people_and_choices(schema, at=at)
        make_proposals(_cast(schema), at=at)
        go_live(_cast(schema), at=at)
        send_events(by=_cast(schema)["steward"], at=at)
        _counts(schema, at=at, progress=progress)
        _scores(schema, at=at, progress=progress)
        _dispute(schema, at=at)


def _make_company(name: str, schema: str, host: str, *, at: datetime) -> None:
    with in_public():
        exists = Company.objects.filter(schema_name=schema).exists()
    if not exists:
        with transaction.atomic():
            provision(name=name, schema=schema, host=host, time_zone="UTC", at=at)


@transaction.atomic
def _people_and_choices(schema: str, *, at: datetime) -> None:
    if Source.objects.exists():
        return
    password = make_password(PASSWORD)  # once: it is meant to be slow
    players = [_player(player, schema, password=password, at=at) for player in PLAYERS]
    _give_roles(_cast(schema), at=at)
    steward = _cast(schema)["steward"]
    source = make_source(
        name="Team room",
        kind=SourceKind.CSV,
        description="Who answered, reviewed, mentioned or reacted to whom in the team room. No text is read.",
        by=steward,
        at=at,
    )
    others = [_person(name, email_of(name, schema), at=at) for name in colleagues()]
    in_the_demo = [person for person, player in zip(players, PLAYERS, strict=True) if player.takes_part]
    willing = round(len(others) * TAKES_PART_SHARE)
    for person in (*in_the_demo, *others[:willing]):
        _say_yes(person, source, at=at)
    for person in others[willing : willing + 4]:
        stay_out(person, at=at)
    owner = next(person for person, player in zip(players, PLAYERS, strict=True) if player.slug == "owner")
    for number, name in enumerate(TEAMS):
        put_into_team(make_team(name, by=owner, at=at), people=others[number :: len(TEAMS)], by=owner, at=at)


def _say_yes(person: Person, source: Source, *, at: datetime) -> None:
    wordings = PurposeVersion.objects.current().filter(purpose__in=[PurposeKey.SCORING, PurposeKey.TEAM_FIGURES])
    wish = Wish(
        purpose_versions=tuple(wordings.values_list("pk", flat=True)),
        sources=(source.pk,),
        weeks_back=26,
        is_of_age=True,
    )
    take_part(person, wish=wish, at=at)


def _player(player: Player, schema: str, *, password: str, at: datetime) -> Person:
    person = _person(player.name, email_of(player.name, schema), at=at)
    person.password = password
    person.save(update_fields=["password"])
    return person


def _give_roles(cast: dict[str, Person], *, at: datetime) -> None:
    """Found the company as an owner would; the approvers stand last in the cast, and after them two others decide."""
    RoleHeld.objects.create(person=cast["owner"], role=Role.OWNER, given_at=at)
    for player in PLAYERS:
        for role in player.roles:
            if role != Role.OWNER:
                give_role(cast[player.slug], role=role, by=cast["owner"], at=at)


def _person(name: str, email: str, *, at: datetime) -> Person:
    person, is_new = Person.objects.get_or_create(email=email, defaults={"name": name, "joined_at": at})
    if is_new:
        person.set_unusable_password()
        person.save(update_fields=["password"])
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def _counts(schema: str, *, at: datetime, progress: Progress) -> None:
    """Bring the made-up file in as a steward would, and read it here, since no worker runs yet."""
    if Import.objects.exists():
        return
    steward = _cast(schema)["steward"]
    path = Path(settings.DATA_DIR) / f"demo-{schema}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    emails = list(Person.objects.order_by("email").values_list("email", flat=True))
    write_interactions(path, emails=emails, seed=schema, at=at)
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(1 << 20), b"")
        taken = take_file(Source.objects.get(), chunks=chunks, by=steward, at=at)
    path.unlink()
    job = begin_reading(taken, options=MAPPING, by=steward, at=at)
    with shown(job, schema, progress):
        job_runs.run(job.pk, clock=timezone.now)


def _scores(schema: str, *, at: datetime, progress: Progress) -> None:
    """Work scores out as of each of the last weeks, so that there is a history to look at."""
    if Run.objects.exists():
        return
    for week in range(WEEKS_OF_HISTORY, -1, -1):
        run_scores(by=None, at=at - timedelta(weeks=week))
        progress(f"Working out the scores of {COMPANIES[schema]}", WEEKS_OF_HISTORY - week + 1, WEEKS_OF_HISTORY + 1)


def _dispute(schema: str, *, at: datetime) -> None:
    """Have somebody say that a week is wrong, so that there is something to answer."""
    employee = _cast(schema)["employee"]
    if not Obligation.objects.filter(kind=ObligationKind.DISPUTE_ANSWER, person=employee.pk).exists():
        text = "I was on leave that week. Somebody else wrote from the shared mailbox."
        open_dispute(employee, text=text, is_left_out=False, week=last_full_week(at), at=at)


@contextmanager
def shown(job: Job, schema: str, progress: Progress) -> Iterator[None]:
    """Show a job's progress while the block runs it, seen from another connection as its page would."""
    over = threading.Event()

    def look():
        with in_schema(schema):
            while not over.wait(0.2):
                now = Job.objects.get(pk=job.pk)
                progress(f"Reading the file of {COMPANIES[schema]}", now.done, now.total)
        connection.close()

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    ended = Job.objects.get(pk=job.pk)
    if ended.state != JobState.DONE:
        raise DemoNotLoaded(f"The demo file of {COMPANIES[schema]} was not read: {ended.message or ended.state}.")
    progress(f"Reading the file of {COMPANIES[schema]}", 1, 1)


def _cast(schema: str) -> dict[str, Person]:
    """The players of a company, by slug. A demo loaded long ago may lack some."""
    slugs = {email_of(player.name, schema): player.slug for player in PLAYERS}
    return {slugs[person.email]: person for person in Person.objects.filter(email__in=slugs)}


class DemoNotLoaded(RuntimeError):
    """The demo's data could not be brought in. The text says why."""
