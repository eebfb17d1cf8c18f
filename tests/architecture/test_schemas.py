"""A replayed company and a migrated one are the same, to the letter."""

import os
import re
import subprocess

import pytest

from accounts.tenants.domain.blueprint import pg_dump_program
from accounts.tenants.states import BLUEPRINT_SCHEMA


def ddl_of(schema: str) -> str:
    dump = subprocess.run(
        [pg_dump_program(), "--schema-only", "--schema", schema, os.environ["DATABASE_OWNER_URL"]],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return re.sub(r"^\\.*$", "", dump.replace(schema, "X"), flags=re.MULTILINE)


@pytest.mark.parametrize("schema", ["acme", "globex", "platform"])
def test_ddl_of_a_replayed_company_is_that_of_the_migrated_blueprint(db, schema):
    assert ddl_of(schema) == ddl_of(BLUEPRINT_SCHEMA)
