"""What every model must declare, and what PostgreSQL must have of it."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.models import CheckConstraint

from accounts.library_privacy import LIBRARIES
from accounts.tenants.privileges import LIBRARY_MAY, TABLES_WITHOUT_MODEL, declared_privileges, gated_tables
from consent.domain.data_map import data_map
from consent.models import PurposeVersion
from consent.states import PurposeKey

OURS = {"tenants", "accounts", "audit", "consent", "scoring", "perks"}
MODELS = [model for model in apps.get_models() if model._meta.app_label in OURS]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_model_declares_what_the_app_may(model):
    assert model.Privacy.app_may


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_instant_and_actor_of_one_act_are_paired_by_a_constraint(model):
    names = {field.name for field in model._meta.fields}
    acts = {name.removesuffix("_at") for name in names if name.endswith("_at") and f"{name[:-3]}_by" in names}
    nullable = {act for act in acts if model._meta.get_field(f"{act}_at").null}
    constrained = " ".join(c.name for c in model._meta.constraints if isinstance(c, CheckConstraint))
    assert [act for act in nullable if f"_{act}_at_and_by" not in constrained] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_model_has_no_default_ordering(model):
    assert not model._meta.ordering


def test_migrations_are_complete(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_table_of_a_company_has_a_primary_key(db, owner_connection):
    without = owner_connection.execute(
        "SELECT relname FROM pg_class c WHERE relnamespace = 'acme'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p')",
    ).fetchall()
    assert without == []


@pytest.mark.parametrize("schema", ["acme", "globex", "platform"])
def test_privileges_in_postgresql_are_those_declared(db, owner_connection, schema):
    declared = {
        (table, *_parts(privilege))
        for table, privileges in (declared_privileges(settings.TENANT_APPS) | TABLES_WITHOUT_MODEL).items()
        for privilege in privileges
    }
    role = f"{owner_connection.info.dbname}__{schema}"
    of_tables = owner_connection.execute(
        "SELECT table_name, privilege_type, '' FROM information_schema.table_privileges"
        " WHERE table_schema = %s AND grantee = %s",
        [schema, role],
    ).fetchall()
    of_columns = owner_connection.execute(
        "SELECT c.table_name, c.privilege_type, string_agg(c.column_name, ', ' ORDER BY c.column_name)"
        " FROM information_schema.column_privileges c WHERE table_schema = %s AND grantee = %s"
        " AND NOT EXISTS (SELECT FROM information_schema.table_privileges t WHERE t.table_schema = c.table_schema"
        "  AND t.table_name = c.table_name AND t.grantee = c.grantee AND t.privilege_type = c.privilege_type)"
        " GROUP BY 1, 2",
        [schema, role],
    ).fetchall()
    assert {*of_tables, *of_columns} == declared


def _parts(privilege: str) -> tuple[str, str]:
    verb, columns = re.fullmatch(r"(\w+)(?: \((.*)\))?", privilege).groups()
    return verb, ", ".join(sorted((columns or "").split(", ")))


def test_libraries_tables_are_theirs_to_write():
    assert declared_privileges(["django.contrib.sessions"]) == {"django_session": LIBRARY_MAY}


COMPANY_MODELS = [kind.model for kind in data_map()]


@pytest.mark.parametrize("kind", data_map(), ids=lambda kind: kind.table)
def test_every_field_is_classified_exactly_once(kind):
    names = sorted(field.name for field in kind.model._meta.local_fields if field.column)
    assert sorted((*kind.personal, *kind.pseudonymous, *kind.neutral)) == names


@pytest.mark.parametrize("kind", data_map(), ids=lambda kind: kind.table)
def test_what_erasure_does_is_said_and_what_is_kept_has_a_reason(kind):
    assert kind.on_erasure in {"delete", "blank", "keep"}
    assert bool(kind.kept_because) == (kind.on_erasure == "keep")
    assert kind.holds.endswith(".")


def test_classification_of_libraries_is_not_stale():
    assert set(LIBRARIES) == {m._meta.label for m in COMPANY_MODELS if m._meta.app_label not in OURS}


@pytest.mark.parametrize("schema", ["acme", "globex", "platform"])
def test_gated_tables_have_forced_row_security_and_nothing_else_has(db, owner_connection, schema):
    forced = owner_connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relrowsecurity AND relforcerowsecurity",
        [schema],
    ).fetchall()
    policies = owner_connection.execute(
        "SELECT tablename, policyname FROM pg_policies WHERE schemaname = %s", [schema]
    ).fetchall()
    assert sorted(name for (name,) in forced) == gated_tables()
    assert sorted(policies) == sorted((table, policy) for table in gated_tables() for policy in ("gate", "engine"))


@pytest.mark.parametrize("kind", [kind for kind in data_map() if kind.is_gated], ids=lambda kind: kind.table)
def test_index_of_gated_table_starts_with_the_person(kind, owner_connection):
    """A policy on a table without one would be asked of every row."""
    first_columns = owner_connection.execute(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE i.indrelid = %s::regclass",
        [f"acme.{kind.table}"],
    ).fetchall()
    assert ("person_id",) in first_columns


def test_tables_that_purposes_name_are_gated_ones(in_acme):
    named = {table for p in PurposeVersion.objects.current() for table in (*p.tables, *p.works_on)}
    assert named == set(gated_tables())


def test_what_people_take_with_them_leaves_out_no_gated_table(in_acme):
    """Or making their file would be refused for every one of them."""
    purposes = PurposeVersion.objects.current().filter(purpose__in=[PurposeKey.OWN_VIEW, PurposeKey.ACCESS_EXPORT])
    about_people = {kind.table for kind in data_map() if kind.is_gated and kind.about}
    assert [about_people - set(purpose.tables) for purpose in purposes] == [set(), set()]


@pytest.mark.parametrize("kind", [kind for kind in data_map() if kind.withheld], ids=lambda kind: kind.table)
def test_what_is_withheld_is_a_field_and_has_a_reason(kind):
    assert set(kind.withheld) <= {field.name for field in kind.model._meta.local_fields}
    assert all(why.endswith(".") for why in kind.withheld.values())
