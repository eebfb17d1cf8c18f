"""What the operator is told about the whole."""

from datetime import timedelta

import pytest

from accounts.domain.health import examine
from accounts.tenants.context import in_public, in_schema
from accounts.tenants.models import Company, Heartbeat
from consent.models import Unjournaled
from tests.factories.accounts import JobFactory, PersonFactory


@pytest.fixture
def finding(platform, now):
    """Examine, and return the finding of this title."""

    def find(title):
        with in_schema("platform"):
            return next(finding for finding in examine(at=now) if finding.title == title)

    return find


def beat(at, name="worker"):
    with in_public():
        Heartbeat.objects.update_or_create(name=name, defaults={"at": at})


def test_database_says_its_version(finding):
    assert finding("Database").fact.startswith("Answers. PostgreSQL 1")


def test_companies_are_counted_by_state(finding, acme, now):
    with in_public():
        Company.objects.filter(pk=acme.pk).update(state="suspended", suspended_at=now, suspended_by=_somebody())

    assert finding("Companies").fact == "2 open, 1 suspended, the platform among them."


def test_worker_never_heard_of_says_how_to_start_it(finding):
    assert "manage.py work" in finding("Worker").fix


def test_worker_heard_of_is_well(finding, now):
    beat(now - timedelta(seconds=59))

    assert (finding("Worker").fact, finding("Worker").is_well) == ("Last heard of 59 seconds ago.", True)


def test_silent_worker_says_what_to_do(finding, now):
    beat(now - timedelta(minutes=5))

    assert finding("Worker").fact == "Last heard of 5 minutes ago."
    assert not finding("Worker").is_well


def test_sealer_is_told_apart_from_the_worker(finding, now):
    beat(now - timedelta(seconds=3))
    assert "manage.py seal" in finding("Sealer").fix
    beat(now - timedelta(minutes=5), "sealer")
    assert (finding("Sealer").fact, finding("Sealer").is_well) == ("Last heard of 5 minutes ago.", False)
    beat(now - timedelta(seconds=3), "sealer")
    assert finding("Sealer").is_well


def test_oldest_waiting_job_of_all_companies_counts(finding, acme, globex, now):
    for schema, minutes in (("acme", 3), ("globex", 30)):
        with in_schema(schema):
            JobFactory(created_at=now - timedelta(minutes=minutes))

    assert finding("Jobs").fact == "The oldest one has waited for 30 minutes."
    assert not finding("Jobs").is_well


def test_jobs_of_a_suspended_company_do_not_count(finding, acme, now):
    with in_schema("acme"):
        JobFactory(created_at=now - timedelta(hours=3))
    with in_public():
        Company.objects.filter(pk=acme.pk).update(state="suspended", suspended_at=now, suspended_by=_somebody())

    assert finding("Jobs").fact == "None is waiting."


def test_schemas_like_the_blueprint_are_well(finding):
    assert finding("Schemas").fact == "All 3 are as the blueprint is."


@pytest.fixture
def _globex_is_behind(owner_connection):
    (row,) = owner_connection.execute(
        "DELETE FROM globex.django_migrations WHERE app = 'accounts' AND name = '0002_cache' RETURNING app, name, applied"
    ).fetchall()
    yield
    owner_connection.execute("INSERT INTO globex.django_migrations (app, name, applied) VALUES (%s, %s, %s)", row)


@pytest.mark.usefixtures("_globex_is_behind")
def test_schema_behind_the_blueprint_is_named_with_its_fix(finding):
    assert finding("Schemas").fact == "1 of 3 differ from the blueprint: globex."
    assert "migrate_companies" in finding("Schemas").fix


def _somebody():
    return "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def backups(settings, tmp_path):
    """Make backups of these ages in days, as far as their names tell."""
    settings.BACKUPS_DIR = str(tmp_path)

    def make(now, *ages):
        for age in ages:
            (tmp_path / f"assent-{now - timedelta(days=age):%Y%m%dT%H%M%SZ}.dump").touch()

    return make


def test_no_backup_at_all_says_how_to_make_one(finding, backups):
    assert "manage.py backup" in finding("Backups").fix


def test_fresh_backups_within_the_horizon_are_well(finding, backups, now):
    backups(now, 1, 29)

    assert finding("Backups").fact == "The newest is 24 hours old, the oldest kept 29 days."
    assert finding("Backups").is_well


def test_backup_older_than_erased_people_were_told_is_named(finding, backups, now):
    backups(now, 1, 40)

    assert "assent-20261009T120000Z.dump breaks the date" in finding("Backups").fix


def test_backup_of_the_day_before_yesterday_is_not_enough(finding, backups, now):
    backups(now, 2)

    assert finding("Backups").fix == "Run “manage.py backup” every night."


def test_lost_journal_is_told_with_what_to_do(finding, acme, settings):
    with in_schema("acme"):
        PersonFactory()
    settings.ERASURE_JOURNAL = "/proc/no/journal"

    assert finding("Journal of those who left").fact == "Trouble in 3 of 3 companies: platform, acme, globex."
    assert "begin_journal" in finding("Journal of those who left").fix


def test_lines_that_wait_for_a_full_disk_are_told(finding, acme):
    assert finding("Journal of those who left").is_well
    with in_schema("acme"):
        person = PersonFactory()
        Unjournaled.objects.create(person=person.pk, line={})

    assert "Make room on its disk" in finding("Journal of those who left").fix
