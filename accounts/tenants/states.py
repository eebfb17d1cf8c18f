"""Life of a company, and the names that a company may not take."""

from django.db.models import TextChoices


class CompanyState(TextChoices):
    ACTIVE = "active", "open"
    SUSPENDED = "suspended", "suspended"


SCHEMA_PATTERN = r"^[a-z][a-z0-9_]{2,39}$"
BLUEPRINT_SCHEMA = "tenant_blueprint"
RESERVED_SCHEMAS = frozenset({"public", "information_schema", BLUEPRINT_SCHEMA})
