"""Emptying the companies after tests that really commit, by the owner: the app could not."""

import psycopg

KEPT_TABLES = (
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "consent_approvalpolicy",
    "consent_deadlinepolicy",
    "consent_fence",
    "consent_founding",
    "consent_mappedtable",
    "consent_matterrule",
    "consent_processor",
    "consent_purposeversion",
    "scoring_driftbounds",
    "scoring_modelversion",
    "scoring_modelterm",
    "scoring_switch",
)


def switched_on(owner_url: str, *schemas: str) -> None:
    """Let companies score without going live first, as only the owner of the database could."""
    with psycopg.connect(owner_url) as owner:
        for schema in schemas:
            owner.execute(f"ALTER TABLE {schema}.scoring_switch DISABLE TRIGGER USER")
            owner.execute(
                f"INSERT INTO {schema}.scoring_switch (is_on, reason, switched_by)"
                " VALUES (true, 'For tests.', '00000000-0000-0000-0000-000000000000')"
            )
            owner.execute(f"ALTER TABLE {schema}.scoring_switch ENABLE TRIGGER USER")


def empty_companies(owner_url: str, *, keep: dict[str, str]) -> None:
    """Empty all tables of the kept companies but their seed rows, and drop the companies that a test has made."""
    with psycopg.connect(owner_url) as owner:
        for schema in _companies(owner):
            if schema not in keep:
                owner.execute(f'DROP SCHEMA "{schema}" CASCADE')
        owner.execute(
            "DELETE FROM tenants_host USING tenants_company c WHERE c.id = tenant_id AND NOT c.schema_name = ANY (%s)",
            [list(keep)],
        )
        owner.execute("DELETE FROM tenants_company WHERE NOT schema_name = ANY (%s)", [list(keep)])
        owner.execute("UPDATE tenants_company SET state = 'active', suspended_at = NULL, suspended_by = NULL")
        owner.execute("TRUNCATE django_q_ormq, django_q_task, django_q_schedule, tenants_heartbeat")
        if used := _used_tables(owner, list(keep)):
            owner.execute(f"TRUNCATE {', '.join(used)} RESTART IDENTITY CASCADE")
        for schema in keep:
            owner.execute(f"UPDATE {schema}.consent_founding SET founded_at = NULL")
            owner.execute(f"UPDATE {schema}.consent_fence SET raised_at = NULL")
            for versions in ("consent_approvalpolicy", "consent_purposeversion"):
                owner.execute(f"DELETE FROM {schema}.{versions} WHERE version > 1")
                owner.execute(f"UPDATE {schema}.{versions} SET is_current = true WHERE NOT is_current")
            owner.execute(f"DELETE FROM {schema}.scoring_switch WHERE id > 1")
            _bring_the_first_model_back(owner, schema)


def _bring_the_first_model_back(owner, schema: str) -> None:
    owner.execute(f"DELETE FROM {schema}.scoring_modelterm t USING {schema}.scoring_modelversion v"
                  " WHERE v.id = t.model_id AND v.number > 1")  # fmt: skip
    owner.execute(f"DELETE FROM {schema}.scoring_modelversion WHERE number > 1")
    owner.execute(f"UPDATE {schema}.scoring_modelversion SET is_current = true, retired_at = NULL WHERE NOT is_current")


def _companies(owner) -> list[str]:
    return [name for (name,) in owner.execute("SELECT schema_name FROM tenants_company")]


def _used_tables(owner, schemas: list[str]) -> list[str]:
    """Those that hold a page: emptying all of them after each test would take longer than the tests."""
    rows = owner.execute(
        "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace = ANY (%s::regnamespace[]::oid[])"
        " AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0 AND NOT c.relname = ANY (%s)",
        [schemas, list(KEPT_TABLES)],
    )
    return [name for (name,) in rows]
