"""Web and worker refuse to start on schemas that are not as the models declare."""

import pytest
from django.core.management.base import SystemCheckError

from accounts.tenants.privileges import schemas_that_differ
from config.startup import refuse_unfit_surroundings

SCHEMAS = ["platform", "acme", "globex"]


def test_schemas_of_this_database_are_as_declared(committed):
    assert schemas_that_differ(SCHEMAS) == []
    refuse_unfit_surroundings()


@pytest.mark.parametrize(
    ("spoil", "mend"),
    [
        (
            "ALTER TABLE acme.scoring_score NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE acme.scoring_score FORCE ROW LEVEL SECURITY",
        ),
        (
            "CREATE POLICY all_of_it ON acme.scoring_score USING (true)",
            "DROP POLICY all_of_it ON acme.scoring_score",
        ),
        (
            'GRANT DELETE ON acme.audit_entry TO "{database}__acme"',
            'REVOKE DELETE ON acme.audit_entry FROM "{database}__acme"',
        ),
    ],
)
def test_schema_that_differs_stops_the_start(committed, owner_connection, spoil, mend):
    database = owner_connection.info.dbname
    owner_connection.execute(spoil.format(database=database))
    try:
        assert schemas_that_differ(SCHEMAS) == ["acme"]
        with pytest.raises(SystemCheckError, match=r"(?s)1 companies.*acme.*migrate_companies"):
            refuse_unfit_surroundings()
    finally:
        owner_connection.execute(mend.format(database=database))
