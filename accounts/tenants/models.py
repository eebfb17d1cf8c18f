"""What public knows: which companies there are and by which host they are reached."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from accounts.tenants.states import SCHEMA_PATTERN, CompanyState


class CompanyQuerySet(models.QuerySet):
    def active(self) -> "CompanyQuerySet":
        return self.filter(state=CompanyState.ACTIVE)


class Company(models.Model):
    """A tenant. Its rows live in the schema of its name, entered as its own database role.

    Rows are made by the SQL function `tenants_provision` alone, together with the schema:
    the app role may read companies and change their state, nothing else.
    """

    name = models.CharField(max_length=120)
    schema_name = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(SCHEMA_PATTERN, "Use 3 to 40 small letters, digits and underscores.")],
    )
    time_zone = models.CharField(max_length=64, default="UTC")
    state = models.CharField(max_length=12, choices=CompanyState, default=CompanyState.ACTIVE)
    created_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True)
    suspended_by = models.UUIDField(null=True)
    closing_at = models.DateTimeField(
        null=True, help_text="Since when it is being closed for good; never set by the app."
    )

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "companies"
        constraints = [
            models.CheckConstraint(
                condition=Q(suspended_at__isnull=True, suspended_by__isnull=True)
                | Q(suspended_at__isnull=False, suspended_by__isnull=False),
                name="company_suspended_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(state=CompanyState.SUSPENDED, suspended_at__isnull=False)
                | Q(state=CompanyState.ACTIVE, suspended_at__isnull=True),
                name="company_suspended_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(closing_at__isnull=True) | Q(state=CompanyState.SUSPENDED),
                name="company_closing_stays_shut",
            ),
        ]

    class Privacy:
        app_may = ("SELECT", "UPDATE (state, suspended_at, suspended_by)")

    def __str__(self):
        return self.name

    @property
    def is_suspended(self) -> bool:
        return self.state == CompanyState.SUSPENDED


class Host(models.Model):
    """The one address of a company. Django-tenants looks companies up by `domain`."""

    domain = models.CharField(max_length=253, unique=True)
    tenant = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="host")

    class Privacy:
        app_may = ("SELECT",)

    def __str__(self):
        return self.domain


class Heartbeat(models.Model):
    """When the worker last said that it lives; the supervisor restarts one that has fallen silent."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    class Privacy:
        app_may = ("SELECT", "INSERT", "UPDATE")


class Blueprint(models.Model):
    """The DDL and seed rows of a new company's schema, replayed by `tenants_provision`."""

    id = models.SmallAutoField(primary_key=True)
    fingerprint = models.CharField(max_length=32)
    ddl = models.TextField()
    app_role = models.CharField(max_length=63)
    made_at = models.DateTimeField()

    class Privacy:
        app_may = ("SELECT (id, fingerprint, made_at)",)
