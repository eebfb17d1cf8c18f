"""After an erasure, name and address are not in the database's files: searched as bytes, beside the server."""

import contextlib
import mmap
import os
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import update_last_login
from django.db import connection

from consent.domain import eraser
from consent.models import Erasure
from tests import postgres
from tests.factories.accounts import PersonFactory

SOUGHT = (b"zenobia", b"quillfeather")


@pytest.fixture
def server():
    link = psycopg.connect(postgres.SERVER_URL, dbname=connection.settings_dict["NAME"], autocommit=True)
    yield link
    link.close()


@pytest.fixture
def files_naming(server):
    """Files of this database in which somebody is named, once all of it is on disk."""
    ((folder, oid),) = server.execute(
        "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
    ).fetchall()
    if not os.access(folder, os.R_OK):
        pytest.skip("The server's files are not readable here.")

    def search():
        server.execute("CHECKPOINT")
        places = [*Path(folder, "base", str(oid)).iterdir(), *Path(folder, "global").iterdir()]
        return sorted(path.name for path in places if path.is_file() and _holds(path))

    return search


def _holds(path):
    with (
        path.open("rb") as file,
        contextlib.suppress(ValueError),
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as all_of_it,
    ):
        content = all_of_it[:].lower()
        return any(word in content for word in SOUGHT)
    return False


@pytest.fixture
def zenobia(in_acme, server):
    person = PersonFactory(name="Zenobia Quillfeather", email="zenobia@quillfeather.example", can_sign_in=True)
    for _ in range(5):
        update_last_login(None, person)  # each leaves a dead copy of the row
    server.execute("ANALYZE")
    return person


def test_no_byte_of_the_name_is_left(zenobia, ask, run_eraser, files_naming):
    assert files_naming() != []
    ask(zenobia)
    run_eraser()
    assert Erasure.objects.get().rewritten_at is not None
    assert files_naming() == []


def test_snapshot_that_still_sees_the_rows_keeps_the_bytes_and_is_waited_for(
    zenobia, ask, run_eraser, server, files_naming, now
):
    with psycopg.connect(postgres.SERVER_URL, dbname=connection.settings_dict["NAME"]) as older:
        older.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        older.execute("SELECT count(*) FROM pg_class")
        ask(zenobia)
        run_eraser()
        assert Erasure.objects.get().state == "erased"
        assert Erasure.objects.get().rewritten_at is None
    eraser.rewrite_storage(at=now)
    assert Erasure.objects.get().rewritten_at is not None
    assert files_naming() == []


def test_statistics_hold_no_samples_of_names(zenobia, server):
    sampled = server.execute(
        "SELECT tablename, attname FROM pg_stats WHERE schemaname = 'acme'"
        " AND (most_common_vals::text ~* 'zenobia' OR histogram_bounds::text ~* 'zenobia')"
    ).fetchall()
    assert sampled == []
