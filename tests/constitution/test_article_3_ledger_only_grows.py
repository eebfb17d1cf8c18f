"""Article 3: the app role can add entries and nothing else; what it forges in the tree is found."""

import pytest
from django.db import ProgrammingError

from consent.audit.domain.keys import WrongLedgerKey
from consent.audit.domain.sealing import seal
from consent.audit.domain.verification import verify
from tests.conftest import NOW


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE audit_entry SET event = 'nothing'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "ALTER TABLE audit_entry RENAME TO forgotten",
        "DROP TABLE audit_entry",
        "CREATE RULE nothing AS ON INSERT TO audit_entry DO INSTEAD NOTHING",
    ],
)
def test_app_role_cannot_change_the_ledger(schema, run_sql, attack):
    with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
        run_sql(attack)


def test_entries_hold_no_foreign_keys(schema, run_sql):
    rows = run_sql("SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'audit_entry'::regclass")
    assert rows == []


SEALED = ("audit_leaf", "audit_node", "audit_checkpoint", "audit_signingkey", "audit_cosignature", "audit_verification")


@pytest.mark.parametrize("table", SEALED)
@pytest.mark.parametrize("attack", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_is_sealed_can_be_neither_changed_nor_dropped(schema, run_sql, table, attack):
    [(column,)] = run_sql(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", f'"{schema}".{table}'
    )
    with pytest.raises(ProgrammingError, match="permission denied"):
        run_sql(attack.format(table, column, column))


@pytest.mark.parametrize(
    ("columns", "values"),
    [("xid", "3"), ("recorded_at", "now() - interval '1 year'"), ("id", "1")],
)
def test_entry_cannot_claim_another_transaction_instant_or_number(schema, run_sql, columns, values):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run_sql(f"INSERT INTO audit_entry (at, event, payload, {columns}) VALUES (now(), 'x', '{{}}', {values})")


def test_checkpoint_cannot_claim_another_instant(schema, run_sql):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run_sql(
            "INSERT INTO audit_checkpoint (size, root, note, cluster, floor_xid, floor_id, sealed_at)"
            " VALUES (1, '', '', '', 0, 0, now() - interval '1 year')"
        )


@pytest.mark.parametrize(
    "forgery",
    [
        "INSERT INTO audit_leaf SELECT coalesce(max(index), -1) + 1, 4711, sha256('forged') FROM audit_leaf",
        "INSERT INTO audit_checkpoint (size, root, note, cluster, floor_xid, floor_id)"
        " SELECT max(size) + 1, sha256('forged'), 'forged', max(cluster), 0, 0 FROM audit_checkpoint",
        "INSERT INTO audit_checkpoint (size, root, note, cluster, floor_xid, floor_id)"
        " SELECT max(size) - 1, sha256('forged'), max(note), max(cluster), 0, 0 FROM audit_checkpoint",
    ],
)
def test_forged_leaf_or_checkpoint_is_found(schema, run_sql, forgery):
    """The app may add to the tree, as the sequencer must; it cannot sign."""
    run_sql(
        "INSERT INTO audit_entry (at, event, payload) SELECT now(), 'test.happened', '{}' FROM generate_series(1, 3)"
    )
    seal(at=NOW)
    run_sql(forgery)
    assert not verify(at=NOW).is_sound


def test_key_under_another_installation_s_secret_cannot_sign(schema, run_sql):
    run_sql(
        "INSERT INTO audit_signingkey (name, public, sealed_private, made_at)"
        " VALUES ('forged', sha256('x'), sha256('y') || sha256('z'), now())"
    )
    run_sql("INSERT INTO audit_entry (at, event, payload) VALUES (now(), 'test.happened', '{}')")
    with pytest.raises(WrongLedgerKey):
        seal(at=NOW)
