"""Events as they happen: what is kept, what is not, and what is left when the week is over."""

import json
import os
import threading
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from consent.domain.choices import leave, monday_of
from consent.domain.sources import retire_source
from consent.models import OpenGrant
from scoring.domain import inboxes
from scoring.domain.inboxes import NoList, change_secret, close_inbox, close_weeks, drop_old_secret, name_handles
from scoring.models import Delivery, Handle, Inbox, InboxDay, Sighting, WeekCount, WeekKey
from tests import postgres
from tests.everyones import engine_connection, everyones
from tests.scoring.inbox.signing import WHSEC


def cloudevent(now, *, kind="answered", actor="ada@acme.example", target="bo@x.example", number="1", **changed):
    event = {"specversion": "1.0", "id": number, "source": "/wiki", "type": f"com.example.{kind}", "time": now.isoformat(),
             "data": {"actor": actor, "target": target}}  # fmt: skip
    return json.dumps(event | changed).encode()


def outcomes():
    return dict(InboxDay.objects.values_list("outcome", "events"))


def sightings():
    return sorted(everyones(Sighting).values_list("person__email", "kind"))


def a_week_later(source, now):
    """As only the owner could: the week that is going on was the one before last."""
    with engine_connection().cursor() as sql:
        for table in ("scoring_sighting", "scoring_weekkey"):
            sql.execute(f"UPDATE acme.{table} SET week = week - 14")
        sql.execute("UPDATE acme.consent_opengrant SET counts_from = counts_from - 28")
    return monday_of(now) - timedelta(weeks=2)


def test_different_colleagues_of_the_week_are_kept_as_numbers_and_nothing_else(open_for, send, ada, now):
    open_for("cloudevents")
    for number, target in enumerate(["bo@x.example", "bo@x.example", "Cy@x.example", "cy@x.example"]):
        assert (
            send("cloudevents", cloudevent(now, target=target, number=str(number)), number=str(number)).status_code
            == 200
        )
    assert send("cloudevents", cloudevent(now, kind="reviewed", actor="bo@x.example", target="ADA@acme.example", number="9"),
                number="9").json()["taken"]  # fmt: skip
    assert sightings() == [(ada.email, 1), (ada.email, 1), (ada.email, 4)]
    assert outcomes() == {"kept": 5}
    assert all(len(bytes(row.colleague)) == 16 for row in everyones(Sighting).all())


def test_events_of_people_without_grant_are_a_number_and_leave_nothing(open_for, send, ada, bob, now):
    open_for("cloudevents")
    raw = cloudevent(now, actor=bob.email, target="canary@x.example")
    assert send("cloudevents", raw).status_code == 200
    assert outcomes() == {"not_granted": 1}
    assert sightings() == []
    assert places_of("canary") == []


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"target": "ada@acme.example"}, "left_out"),
        ({"time": "2020-01-01T00:00:00Z"}, "late"),
        ({"time": "2100-01-01T00:00:00Z"}, "late"),
        ({"data": {"actor": "ada@acme.example"}}, "malformed"),
        ({"specversion": "9"}, "malformed"),
        ({"time": "yesterday"}, "malformed"),
    ],
)
def test_what_cannot_count_is_counted_by_reason(open_for, send, ada, now, changed, outcome):
    open_for("cloudevents")
    send("cloudevents", cloudevent(now, **changed))
    assert (outcomes(), sightings()) == ({outcome: 1}, [])


def test_same_delivery_counts_once_and_is_answered_alike(open_for, send, ada, now):
    open_for("cloudevents")
    first, second = (send("cloudevents", cloudevent(now)) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert outcomes() == {"kept": 1, "duplicate": 1}


@pytest.mark.parametrize("raw", [b"", b"{", b"\\xff", b"[" * 100_000, b'"x"', b"{}", b"[1]", b'{"value": 3}'])
@pytest.mark.parametrize(
    "service", ["cloudevents", "activities", "slack", "github", "discourse", "jira", "teams", "zulip"]
)
def test_nonsense_is_refused_in_words_and_leaves_nothing(open_for, send, service, raw):
    open_for(service)
    answer = send(service, raw, event="issue_comment")
    assert answer.status_code in (200, 401, 422)
    assert answer.status_code == 200 or answer.json()["why"].endswith(".")
    assert not everyones(Sighting).exists()


def test_unsigned_is_refused_and_only_counted(open_for, send, ada, now):
    open_for("cloudevents")
    answer = send("cloudevents", cloudevent(now), **{"webhook-signature": "v1,AAAA"})
    assert (answer.status_code, outcomes(), Delivery.objects.exists()) == (401, {"refused": 1}, False)


def test_too_large_a_body_is_refused(open_for, send, now):
    open_for("cloudevents")
    answer = send("cloudevents", b" " * (1024 * 1024 + 1))
    assert (answer.status_code, "1 MB" in answer.json()["why"]) == (413, True)


def test_nobody_listens_before_it_is_opened_after_it_is_closed_or_for_a_retired_source(
    open_for, send, source, steward, ada, now
):
    assert send("cloudevents", cloudevent(now)).status_code == 404
    inbox = open_for("cloudevents")
    retire_source(source, by=steward, at=now)
    assert send("cloudevents", cloudevent(now)).status_code == 409
    close_inbox(inbox, by=steward, at=now)
    assert send("cloudevents", cloudevent(now)).status_code == 404
    assert sightings() == []


def test_both_secrets_are_good_until_the_old_one_is_dropped(open_for, send, steward, ada, now):
    inbox = open_for("cloudevents")
    change_secret(inbox, secret="", by=steward, at=now)
    assert send("cloudevents", cloudevent(now)).status_code == 200
    drop_old_secret(inbox, by=steward, at=now)
    assert send("cloudevents", cloudevent(now, number="2")).status_code == 401


def test_secret_is_sealed_in_the_database(open_for):
    open_for("cloudevents")
    assert places_of(WHSEC) == places_of(WHSEC.encode().hex()) == []


def test_withdrawal_takes_the_week_that_is_going_on_with_it(open_for, send, ada, now):
    open_for("cloudevents")
    send("cloudevents", cloudevent(now))
    leave(ada, at=now)
    assert sightings() == []
    send("cloudevents", cloudevent(now, number="2"), number="2")
    assert sightings() == []


def test_clouds_may_ask_first(open_for, client_for, source):
    ask = {"WebHook-Request-Origin": "events.example"}
    assert client_for().options(f"/in/{source.pk}/", headers=ask).status_code == 405
    open_for("cloudevents")
    answer = client_for().options(f"/in/{source.pk}/", headers=ask)
    assert answer.headers["WebHook-Allowed-Origin"] == "events.example"


# What a service calls people


def test_handles_of_whoever_granted_are_kept_and_nobody_else_s(open_for, send, source, steward, ada, bob, now):
    open_for("github")
    lines = ["login,email", "ada-l,Ada@acme.example", "bobby,bob@acme.example", "canary,nobody@x.example"]
    assert name_handles(source, lines=lines, by=steward, at=now) == 1
    assert list(everyones(Handle).values_list("handle", "person__email")) == [("ada-l", ada.email)]
    assert places_of("canary") == []

    comment = {
        "action": "created", "sender": {"login": "Ada-L", "type": "User"}, "issue": {"user": {"login": "bobby"}},
        "comment": {"created_at": now.isoformat()},
    }  # fmt: skip
    assert send("github", json.dumps(comment).encode(), event="issue_comment").status_code == 200
    assert sightings() == [(ada.email, 1)]


def test_handle_that_two_people_have_is_nobody_s(source, steward, ada, bob, now):
    lines = ["a,ada@acme.example", "A,bob@acme.example", "ada,ada@acme.example"]
    assert name_handles(source, lines=lines, by=steward, at=now) == 1
    assert everyones(Handle).get().handle == "ada"


def test_list_without_addresses_is_refused(source, steward, now):
    with pytest.raises(NoList):
        name_handles(source, lines=["a;b", "c"], by=steward, at=now)


# The end of a week


def test_week_that_is_over_becomes_counts_and_its_key_is_found_nowhere(open_for, send, source, ada, now):
    open_for("cloudevents")
    for number in "123":
        send("cloudevents", cloudevent(now, target=f"p{number}@x.example", number=number), number=number)
    week = a_week_later(source, now)
    with engine_connection().cursor() as sql:
        sql.execute("SELECT encode(key, 'hex') FROM acme.scoring_weekkey")
        (key,) = sql.fetchone()
    colleague = bytes(everyones(Sighting).first().colleague).hex()
    assert places_of(key) == ["scoring_weekkey.key"]

    close_weeks(at=now)

    assert list(everyones(WeekCount).values_list("kind", "week", "colleagues")) == [(1, week, 3)]
    assert (sightings(), WeekKey.objects.count()) == ([], 0)
    assert places_of(key) == places_of(colleague) == []
    assert bytes_on_disk(bytes.fromhex(key)) == bytes_on_disk(bytes.fromhex(colleague)) == []
    assert Inbox.objects.get().keys_gone_at


def test_closed_week_takes_nothing_more_in(open_for, send, source, ada, now):
    open_for("cloudevents")
    send("cloudevents", cloudevent(now))
    a_week_later(source, now)
    close_weeks(at=now)
    with engine_connection().cursor() as sql:
        sql.execute("UPDATE acme.scoring_inbox SET closed_through = date_trunc('week', now())")
    send("cloudevents", cloudevent(now, number="2"), number="2")
    assert outcomes()["late"] == 1


def test_larger_number_is_kept_where_a_file_was_there_before(open_for, send, source, ada, grant, now):
    open_for("cloudevents")
    send("cloudevents", cloudevent(now))
    week = a_week_later(source, now)
    everyones(WeekCount).create(person=ada, grant=OpenGrant.objects.get(pk=grant.pk), kind=1, week=week, colleagues=8)
    close_weeks(at=now)
    assert everyones(WeekCount).get().colleagues == 8


def test_crash_while_closing_leaves_all_or_nothing(open_for, send, source, ada, now, monkeypatch):
    """The engine's function ran, and then the worker died before it could commit."""
    open_for("cloudevents")
    send("cloudevents", cloudevent(now))
    a_week_later(source, now)
    with pytest.raises(ZeroDivisionError), inboxes.transaction.atomic():
        inboxes._close_week(source.pk, WeekKey.objects.values_list("week", flat=True).get(), at=now)
        raise ZeroDivisionError
    assert (len(sightings()), WeekKey.objects.count(), everyones(WeekCount).count()) == (1, 1, 0)
    close_weeks(at=now)
    assert (len(sightings()), WeekKey.objects.count(), everyones(WeekCount).count()) == (0, 0, 1)


def test_event_that_meets_the_closing_of_its_week_is_counted_or_late_and_never_lost(open_for, source, ada, now):
    """Two at once: one closes the week while the other takes an event of it in."""
    inbox = open_for("cloudevents")
    week = monday_of(now) - timedelta(weeks=1)
    results = []

    def send_one(n):
        role = f"{connection.settings_dict['NAME']}__acme"
        with psycopg.connect(os.environ["DATABASE_URL"], options=f"-c role={role} -c search_path=acme") as link:
            (row,) = link.execute(
                "SELECT scoring_take_events(%s, sha256(%s), '{ada@acme.example}', '{1}', '{2}', %s, %s)",
                [inbox.pk, str(n).encode(), [f"p{n}@x.example"], [week]],
            ).fetchone()
            results.append(row)

    everyones(OpenGrant).update(counts_from=date(2020, 1, 6))
    threads = [threading.Thread(target=send_one, args=[n]) for n in range(12)]
    for thread in threads[:6]:
        thread.start()
    with engine_connection().cursor() as sql:
        sql.execute("UPDATE acme.scoring_inbox SET closed_through = %s", [week])
    for thread in threads[6:]:
        thread.start()
    for thread in threads:
        thread.join()
    kept, late = sum(row[0] for row in results), sum(row[3] for row in results)
    assert (kept + late, len(sightings())) == (12, kept)


def places_of(sought: str) -> list[str]:
    """Every column of every table of the company and of the platform in which a text, or bytes as hex, occurs."""
    with engine_connection().cursor() as sql:
        sql.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns c"
            " WHERE table_schema IN ('acme', 'public') AND EXISTS (SELECT FROM information_schema.tables t WHERE"
            " (t.table_schema, t.table_name, t.table_type) = (c.table_schema, c.table_name, 'BASE TABLE'))"
        )
        found = []
        for schema, table, column in sql.fetchall():
            sql.execute(
                f'SELECT EXISTS (SELECT FROM "{schema}"."{table}" WHERE "{column}"::text ILIKE %s)', [f"%{sought}%"]
            )
            found += [f"{table}.{column}"] * sql.fetchone()[0]
        return found


def bytes_on_disk(sought: bytes) -> list[str]:
    with psycopg.connect(postgres.SERVER_URL, dbname=connection.settings_dict["NAME"], autocommit=True) as server:
        ((folder, oid),) = server.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        ).fetchall()
        if not os.access(folder, os.R_OK):
            pytest.skip("The server's files are not readable here.")
        server.execute("CHECKPOINT")
        files = (path for path in Path(folder, "base", str(oid)).iterdir() if path.is_file())
        return [path.name for path in files if sought in path.read_bytes()]
