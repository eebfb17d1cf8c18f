"""The files, byte by byte: what a spreadsheet, a script and a SIEM each read."""

import csv
import io
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from consent.audit.domain.sealing import canonical
from consent.audit.events import REGISTRY
from consent.audit.models import Entry
from consent.domain.ledger_formats import FORMATS, harmless
from consent.domain.ledger_ocsf import CLASSES, ocsf_event

JANE = UUID("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa")
JIM = UUID("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb")
AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
RECORDED = datetime(2026, 3, 1, 12, 30, 16, tzinfo=UTC)


def entry(event="accounts.role_given", payload=None, by=JANE, about=JIM):
    payload = {"role": "steward"} if payload is None else payload
    return Entry(pk=7, at=AT, recorded_at=RECORDED, event=event, by=by, about=about, payload=payload)


def written(name, *entries):
    file = io.BytesIO()
    FORMATS[name].write(iter(entries), file)
    return file.getvalue().decode()


def test_csv_is_one_line_for_each_entry():
    machine = entry("scoring.run_finished", {"run": 1, "scope": "full", "model": 2, "week": "2026-03-02"}, None, None)
    assert written("csv", entry(), machine) == (
        '"id","at","recorded_at","event","sentence","by","about","payload"\r\n'
        '"7","2026-03-01T12:30:15.123456Z","2026-03-01T12:30:16.000000Z","accounts.role_given",'
        f'"The role “steward” was given.","{JANE}","{JIM}","{{""role"":""steward""}}"\r\n'
        '"7","2026-03-01T12:30:15.123456Z","2026-03-01T12:30:16.000000Z","scoring.run_finished",'
        '"A run worked out scores as of the week of 2026-03-02, with model version 2 (scope: full).","","",'
        '"{""model"":2,""run"":1,""scope"":""full"",""week"":""2026-03-02""}"\r\n'
    )


def test_jsonl_is_the_canonical_entry():
    line = (
        f'{{"about":"{JIM}","at":"2026-03-01T12:30:15.123456Z","by":"{JANE}","event":"accounts.role_given","id":7,'
        '"payload":{"role":"steward"},"recorded_at":"2026-03-01T12:30:16.000000Z"}'
    )
    assert canonical(entry()).decode() == line
    assert written("jsonl", entry(), entry()) == f"{line}\n{line}\n"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_cell_that_looks_like_a_formula_is_made_harmless(begin):
    assert harmless(f'{begin}HYPERLINK("http://x")') == f'\'{begin}HYPERLINK("http://x")'


@pytest.mark.parametrize("cell", ["", "plain", "a=b", "'=quoted", "{}"])
def test_other_cells_stay_as_they_are(cell):
    assert harmless(cell) == cell


def test_no_cell_of_a_csv_begins_like_a_formula():
    evil = entry("=cmd|' /C calc'!A0", {"=1+1": "@SUM(A1)"})
    cells = next(iter(csv.DictReader(io.StringIO(written("csv", evil)))))
    assert cells["event"] == "'=cmd|' /C calc'!A0"
    assert cells["sentence"].startswith("'=cmd|")
    assert json.loads(cells["payload"]) == {"=1+1": "@SUM(A1)"}


def test_role_given_is_user_management_in_ocsf():
    assert json.loads(written("ocsf", entry())) == {
        "activity_id": 16,
        "actor": {"user": {"uid": str(JANE)}},
        "category_uid": 3,
        "class_uid": 3007,
        "iam_roles": [{"name": "steward"}],
        "message": "The role “steward” was given.",
        "metadata": {
            "event_code": "accounts.role_given",
            "log_name": "ledger",
            "logged_time": 1772368216000,
            "product": {"name": "Assent", "vendor_name": "Assent"},
            "uid": "7",
            "version": "1.9.0",
        },
        "severity_id": 1,
        "status_id": 1,
        "time": 1772368215123,
        "type_uid": 300716,
        "unmapped": {"about": str(JIM), "event": "accounts.role_given", "payload": {"role": "steward"}},
        "user": {"uid": str(JIM)},
    }


@pytest.mark.parametrize(
    ("event", "payload", "class_uid", "activity", "subject"),
    [
        ("consent.grant_made", {"grant": 3, "purpose": "perks", "version": 1}, 3004, 6, {"entity": {"data": {"grant": 3, "purpose": "perks", "version": 1}, "type": "grant", "type_id": 99, "uid": "3"}}),
        ("consent.grant_withdrawn", {"grant": 3, "purpose": "perks"}, 3004, 7, {"entity": {"data": {"grant": 3, "purpose": "perks"}, "type": "grant", "type_id": 99, "uid": "3"}}),
        ("accounts.team_joined", {"team": "t"}, 3006, 3, {"group": {"type": "team", "uid": "t"}, "user": {"uid": str(JIM)}}),
        ("accounts.person_joined", {"invitation": None}, 3007, 1, {"user": {"uid": str(JIM)}}),
        ("consent.stayed_out", {"choice": "c"}, 0, 99, {}),
        ("old.forgotten", {"x": 1}, 0, 99, {}),
    ],
)  # fmt: skip
def test_class_and_subject_in_ocsf(event, payload, class_uid, activity, subject):
    told = ocsf_event(entry(event, payload))
    assert (told["class_uid"], told["category_uid"], told["activity_id"], told["type_uid"]) == (
        class_uid, class_uid // 1000, activity, class_uid * 100 + activity,
    )  # fmt: skip
    assert {key: told[key] for key in ("entity", "group", "user", "iam_roles") if key in told} == subject


def test_entry_about_nobody_is_no_user_management():
    told = ocsf_event(entry("accounts.person_joined", {"invitation": None}, about=None))
    assert (told["class_uid"], "user" in told) == (0, False)


def test_machine_acts_as_an_application():
    assert ocsf_event(entry(by=None))["actor"] == {"app_name": "Assent"}


def test_list_of_ocsf_classes_is_not_stale():
    assert set(CLASSES) <= set(REGISTRY)


def test_key_that_names_the_subject_is_in_the_payload():
    without = [name for name, (_, _, key) in CLASSES.items() if key and key not in REGISTRY[name].__dataclass_fields__]
    assert without == []
