"""Bring public, the blueprint and every company's schema to the newest state. Run as the owner."""

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.commands import migrate
from django.db import connection
from django.utils import timezone
from rich.progress import track

from accounts.tenants import privileges
from accounts.tenants.domain.blueprint import fingerprints, store_blueprint
from accounts.tenants.models import Company
from accounts.tenants.roles import tenant_role
from accounts.tenants.states import BLUEPRINT_SCHEMA

SCHEMAS_IN_ONE_QUESTION = 100
ONE_AT_A_TIME = 0x415353454E54  # advisory lock: two deployments must not migrate at once


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        if not settings.RUNS_AS_OWNER:
            raise CommandError("Migrations run as the owner. Set ASSENT_AS=owner and DATABASE_OWNER_URL.")
        connection.set_schema_to_public()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        self.migrate_public()
        self.migrate_blueprint()
        self.migrate_behind()

    def migrate_public(self):
        _migrate(settings.PUBLIC_SCHEMA_NAME)
        privileges.apply_to_public()

    def migrate_blueprint(self):
        _make_schema(BLUEPRINT_SCHEMA)
        _migrate(BLUEPRINT_SCHEMA)
        privileges.apply_to_company(BLUEPRINT_SCHEMA)  # committed first: pg_dump looks from another connection
        blueprint = store_blueprint(at=timezone.now())
        self.stdout.write(f"The blueprint stands at {blueprint.fingerprint[:12]}.")

    def migrate_behind(self):
        connection.set_schema_to_public()
        schemas = list(Company.objects.order_by("pk").values_list("schema_name", flat=True))
        states = _fingerprints(schemas)
        newest = fingerprints([BLUEPRINT_SCHEMA])[BLUEPRINT_SCHEMA]
        behind = [schema for schema in schemas if states[schema] != newest]
        for schema in track(behind, description="Companies", disable=not behind):
            _migrate(schema)
            privileges.apply_to_company(schema)
        connection.set_schema_to_public()
        for schema in privileges.schemas_that_differ(schemas):
            privileges.apply_to_company(schema)
        self.stdout.write(f"{len(behind)} of {len(schemas)} companies were behind and are migrated.")


def _make_schema(schema: str) -> None:
    connection.set_schema_to_public()
    role = tenant_role(connection.settings_dict["NAME"], schema)
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE ROLE "{role}" NOLOGIN NOINHERIT')


def _migrate(schema: str) -> None:
    connection.set_schema(schema)
    call_command(migrate.Command(), verbosity=0, interactive=False)
    connection.set_schema_to_public()


def _fingerprints(schemas: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(schemas), SCHEMAS_IN_ONE_QUESTION):
        found |= fingerprints(schemas[start : start + SCHEMAS_IN_ONE_QUESTION])
    return found
