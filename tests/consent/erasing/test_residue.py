"""Whatever is left anywhere is found, named by its place, and keeps the erasure from ending."""

import pytest
from django.core.mail import EmailMessage, get_connection
from django.db import IntegrityError, connection

from accounts.models import Job
from accounts.tenants.context import in_public
from accounts.tenants.kicks import kick
from consent.audit.models import Entry
from consent.domain import eraser
from consent.domain.erasing import start_erasing
from consent.models import Erasure, Obligation, SavedSearch
from tests.factories.accounts import PersonFactory

STRANGE = (
    "CREATE TABLE acme.strange (id serial PRIMARY KEY, told {type}); INSERT INTO acme.strange (told) VALUES ({value})"
)


@pytest.fixture
def strange(owner_connection):
    """A table that no map knows."""

    def make(type_, value):
        engine = f"{owner_connection.info.dbname}_engine"
        owner_connection.execute(STRANGE.format(type=type_, value=value))
        owner_connection.execute(f'GRANT SELECT ON acme.strange TO "{engine}"')

    yield make
    owner_connection.execute("DROP TABLE IF EXISTS acme.strange")


@pytest.fixture
def found(ada, ask, run_eraser):
    def run():
        ask(ada)
        run_eraser()
        return Erasure.objects.get()

    return run


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("text", "'To: <ALICE@acme.example>.'"),
        ("varchar(90)", "'Alice Archer is away'"),
        ("text[]", "ARRAY['x', 'a.archer@home.example']"),
        ("jsonb", """'{"to": "x\\nalice@acme.example"}'"""),
        ("json", "'[\"Alice Archer\"]'"),
        ("bytea", "convert_to('mail alice@acme.example', 'UTF8')"),
        ("uuid", "'{id}'"),
        ("uuid[]", "ARRAY['{id}'::uuid]"),
        ("text", "'about:{id}'"),
        ("text", "replace('{id}', '-', '')"),
    ],
)
def test_what_is_left_in_a_table_that_nobody_thought_of_is_found(found, strange, ada, type_, value):
    strange(type_, value.replace("{id}", str(ada.pk)))
    erasure = found()
    assert (erasure.state, erasure.found) == ("erasing", {"strange.told": 1})


@pytest.mark.parametrize("value", ["malice@acme.example", "alice@acme.example.org", "Alice Archers", "Alice"])
def test_what_only_resembles_is_no_residue(found, strange, value):
    strange("text", f"'{value}'")
    assert found().state == "erased"


def test_name_that_somebody_else_bears_tells_on_nobody(found, strange, in_acme):
    PersonFactory(name="Alice Archer")
    strange("text", "'Alice Archer'")
    assert found().state == "erased"


def test_name_of_one_word_is_searched_only_where_names_stand(ada, ask, run_eraser, strange):
    ada.name = "Slack"
    ada.save(update_fields=["name"])
    ask(ada)
    run_eraser()
    assert Erasure.objects.get().state == "erased"  # though a source is called so


def test_words_of_ours_with_the_name_are_named_by_their_place(found):
    Job.objects.create(kind="x", title="For Alice Archer", created_at="2026-11-18T12:00Z", state="queued")
    assert found().found == {"accounts_job.title": 1}


def test_queue_is_searched(found, ada):
    with in_public(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    kick("accounts.tasks.run_job", f"for {ada.email}")
    assert found().found == {"queue": 1}


@pytest.mark.parametrize("folder", ["LOG_FOLDERS", "EXPORTS_DIR"])
def test_files_are_searched_and_exports_deleted(found, ada, folder, tmp_path, settings):
    setattr(settings, folder, [str(tmp_path / "logs")] if folder == "LOG_FOLDERS" else tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "acme").mkdir()
    file = (tmp_path / "acme" if folder == "EXPORTS_DIR" else tmp_path / "logs") / "file"
    file.write_text(f"to {ada.email}")
    left = {"LOG_FOLDERS": {"logs": 1}, "EXPORTS_DIR": {}}[folder]
    assert (found().found, file.exists()) == (left, bool(left))


def test_mails_kept_as_files_are_deleted(found, ada, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    backends = [get_connection(), get_connection()]  # each alive, and so with a file of its own
    for backend, company in zip(backends, ("acme", "globex"), strict=True):
        EmailMessage("Hello", f"See http://{company}.localhost:8000/", to=[ada.email], connection=backend).send()
    assert found().state == "erased"
    assert ["globex" in mail.read_text() for mail in (tmp_path / "mail").iterdir()] == [True]


def test_incomplete_is_on_record_and_tried_again_later(found, strange, owner_connection, run_eraser, now):
    strange("text", "'Alice Archer'")
    erasure = found()
    entry = Entry.objects.filter(event="consent.erasure_incomplete").get()
    assert entry.payload == {
        "erasure": str(erasure.pk), "reference": erasure.reference, "attempts": 1, "places": ["strange.told"],
    }  # fmt: skip
    assert not Erasure.objects.waiting().exists()
    assert Obligation.objects.get(pk=erasure.obligation_id).done_at is None
    owner_connection.execute("DROP TABLE acme.strange")
    owner_connection.execute("UPDATE acme.consent_erasure SET next_at = now()")
    start_erasing(at=now)
    run_eraser()
    erasure.refresh_from_db()
    assert (erasure.state, erasure.attempts) == ("erased", 2)


def test_one_reading_serves_many(in_acme, ask, run_eraser, strange):
    people = [PersonFactory(name=f"Number {n} Person") for n in range(3)]
    strange("text", f"'{people[1].email}'")
    for person in people:
        ask(person)
    run_eraser()
    states = dict(Erasure.objects.values_list("person", "state"))
    assert [states[person.pk] for person in people] == ["erased", "erasing", "erased"]


def test_further_address_is_kept_out_too(erased):
    with pytest.raises(IntegrityError, match="asked to be forgotten"):
        PersonFactory(email="a.archer@home.example")


def test_searches_of_others_for_the_person_become_searches_for_nobody(ada, officer, ask, run_eraser, now):
    SavedSearch.objects.create(person=officer, name="Hers", query=f"about:{ada.pk}", saved_at=now)
    ask(ada)
    run_eraser()
    assert Erasure.objects.get().state == "erased"
    assert str(ada.pk) not in SavedSearch.objects.get().query


def test_transaction_from_before_is_waited_for(ada, ask, run_eraser, app_links, monkeypatch, now):
    monkeypatch.setattr(eraser, "TRIES", 1)
    older = app_links("acme")
    older.execute("SELECT pg_current_xact_id()")
    ask(ada)
    run_eraser()
    assert Erasure.objects.get().verified_at is None
    older.rollback()
    erasure = Erasure.objects.get()
    eraser.verify([erasure])
    assert erasure.found == {}
