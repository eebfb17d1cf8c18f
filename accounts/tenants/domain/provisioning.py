"""Making a company: its schema is replayed from the blueprint in one statement, or not at all."""

from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from accounts.tenants.context import in_public, in_schema
from accounts.tenants.models import Company, Host


def provision(*, name: str, schema: str, host: str, time_zone: str, at: datetime) -> Company:
    """Make the company's row, host, schema, role and seed rows. Call inside a transaction with what belongs to it.

    :param schema: 3 to 40 small letters, digits and underscores
    :raises NameTaken: another company has this schema or host
    :raises NoBlueprint: `migrate_companies` has not run since the installation
    """
    with in_public():
        _refuse_taken(schema, host)
        _refuse_without_blueprint()
        with connection.cursor() as cursor:
            cursor.execute("SELECT public.tenants_provision(%s, %s, %s, %s, %s)", [schema, name, host, time_zone, at])
            (company_id,) = cursor.fetchone()
        with in_schema(schema):
            for path in settings.ON_PROVISIONED:
                import_string(path)()
        company: Company = Company.objects.select_related("host").get(pk=company_id)
        return company


def _refuse_taken(schema: str, host: str) -> None:
    if Company.objects.filter(schema_name=schema).exists():
        raise NameTaken(f"The short name “{schema}” is taken by another company. Choose another.")
    if Host.objects.filter(domain=host).exists():
        raise NameTaken(f"The address “{host}” already leads to a company. Choose another.")


def _refuse_without_blueprint() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT id FROM public.tenants_blueprint)")
        if not cursor.fetchone()[0]:
            raise NoBlueprint(
                "No blueprint of a company's schema is stored. Run `manage.py migrate_companies` as owner."
            )


class ProvisioningError(Exception):
    """A company could not be made. The text is a sentence for the operator."""


class NameTaken(ProvisioningError):
    """The schema or the host belongs to another company."""


class NoBlueprint(ProvisioningError):
    """Companies are replayed from a blueprint, and there is none yet."""
