"""Article 3, first part: the app role can add entries and nothing else. Sealing comes with the keel."""

import pytest
from django.db import ProgrammingError


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
