"""What the operator does with companies: order one, have it made, suspend it, open it again."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse

from accounts import events
from accounts.domain import jobs
from accounts.domain.addresses import site_of
from accounts.domain.invitation_mail import MailNotSent
from accounts.domain.invitations import invite
from accounts.errors import DomainError
from accounts.models import Invitation, Job, Person, RoleHeld
from accounts.states import InvitationState, Role
from accounts.tenants.context import in_platform, in_public, in_schema
from accounts.tenants.domain.provisioning import ProvisioningError, provision
from accounts.tenants.models import Company, Host
from accounts.tenants.states import CompanyState
from consent.audit.domain.recording import record


@dataclass(frozen=True)
class Order:
    """A company to be made. `schema` and `host` are for good; the owner gets the first invitation."""

    name: str
    schema: str
    host: str
    time_zone: str
    owner_email: str


def order_company(order: Order, *, by: Person, at: datetime) -> Job:
    """Have a worker make the company.

    :raises NameTaken: another company has the short name or the address
    """
    refuse_taken(order)
    return jobs.start("make_company", title=f"Making {order.name}", arguments=asdict(order), by=by, at=at)


def refuse_taken(order: Order) -> None:
    with in_public():
        if Company.objects.filter(schema_name=order.schema).exists():
            raise NameTaken(f"Another company has the short name “{order.schema}”. Choose another.", field="short_name")
        if Host.objects.filter(domain=order.host).exists():
            raise NameTaken(f"The address “{order.host}” leads to another company. Choose another.", field="host")


def make_company(job: Job, *, at: datetime) -> str:
    """Do the job of `order_company`: the company, its first invitation and the ledger's entry stand together or not
    at all. Mail leaves afterwards; where it does not, the company stands and the job says so.
    """
    order = Order(**job.arguments)
    jobs.progress(job, 0, phase=f"Making the schema, the role and the first invitation of {order.name}")
    try:
        _make(job, order, at=at)
    except MailNotSent as unsent:
        Job.objects.filter(pk=job.pk).update(message=str(unsent))
    except (ProvisioningError, IntegrityError) as refusal:
        raise NotMade(f"{order.name} was not made, and nothing is left of the attempt. {_why(refusal)}") from refusal
    return job.result_url


@transaction.atomic
def _make(job: Job, order: Order, *, at: datetime) -> None:
    company = provision(name=order.name, schema=order.schema, host=order.host, time_zone=order.time_zone, at=at)
    with in_schema(order.schema):
        invite(order.owner_email, roles=[Role.OWNER], by=None, at=at, link_base=site_of(order.host))
    by = Person.objects.filter(pk=job.started_by).first()
    record(events.CompanyMade(order.schema), by=by, at=at)
    # The owner's address belongs to the new company alone.
    Job.objects.filter(pk=job.pk).update(arguments={})
    page = reverse("platform:company", args=[company.pk], urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    jobs.finish(job, at=at, result_url=page)


def make_platform(operator_email: str, *, at: datetime) -> None:
    """Make the platform's own company, if there is none yet, and invite an operator to it.

    :raises MailNotSent: the invitation stands, but its mail did not leave
    """
    with transaction.atomic():
        with in_public():
            stands = Company.objects.filter(schema_name=settings.PLATFORM_SCHEMA).exists()
        if not stands:
            provision(
                name="Assent", schema=settings.PLATFORM_SCHEMA, host=settings.PLATFORM_HOST, time_zone="UTC", at=at
            )
        with in_platform():
            link_base = site_of(settings.PLATFORM_HOST)
            invite(operator_email, roles=[Role.OPERATOR], by=None, at=at, link_base=link_base)


def _why(refusal: Exception) -> str:
    known = isinstance(refusal, ProvisioningError)
    return str(refusal) if known else "Another company took its short name or its address meanwhile."


def has_owner(company: Company) -> bool:
    """Whether anybody can let people in, or is invited to."""
    with in_schema(company.schema_name):
        owners = RoleHeld.objects.filter(role=Role.OWNER, person__is_active=True)
        invited = Invitation.objects.filter(roles__contains=[Role.OWNER], state=InvitationState.OPEN)
        return owners.exists() or invited.filter(expires_at__gt=Now()).exists()


@transaction.atomic
def invite_owner(company: Company, *, email: str, by: Person, at: datetime) -> None:
    """Invite an owner to a company that has none any more: they left, and nobody there can let people in.

    :raises NotPossible: it has one, or one is invited; who joins is theirs to say
    """
    if has_owner(company):
        raise NotPossible(f"{company.name} has an owner, or one is invited. Who joins is theirs to say.")
    with in_schema(company.schema_name):
        invite(email, roles=[Role.OWNER], by=None, at=at, link_base=site_of(company.host.domain))
    record(events.OwnerInvited(company.schema_name), by=by, at=at)


@transaction.atomic
def suspend(company: Company, *, by: Person, at: datetime) -> None:
    """Close a company's doors with this commit: nobody gets in, no worker works for it. Everything is kept.

    :raises NotPossible: it is suspended already, or it is the platform itself
    """
    if company.schema_name == settings.PLATFORM_SCHEMA:
        raise NotPossible("The platform itself cannot be suspended: nobody could open it again.")
    _move(company, CompanyState.ACTIVE, CompanyState.SUSPENDED, suspended_at=at, suspended_by=by.pk)
    with in_schema(company.schema_name):
        jobs.put_back_running(at=at)
    record(events.CompanySuspended(company.schema_name), by=by, at=at)


@transaction.atomic
def reopen(company: Company, *, by: Person, at: datetime) -> None:
    """Open a suspended company again. Work that waited is taken up within a minute.

    :raises NotPossible: it is not suspended
    """
    _move(company, CompanyState.SUSPENDED, CompanyState.ACTIVE, suspended_at=None, suspended_by=None)
    record(events.CompanyReopened(company.schema_name), by=by, at=at)


def _move(company: Company, old: CompanyState, new: CompanyState, **changes: object) -> None:
    with in_public():
        moved = Company.objects.filter(pk=company.pk, state=old, closing_at=None).update(state=new, **changes)
    if not moved:
        raise NotPossible(f"{company.name} is not {old.label} any more. Look at its page again.")


class NameTaken(DomainError):
    """Short name or address belong to another company. `field` says which."""

    def __init__(self, sentence: str, *, field: str) -> None:
        super().__init__(sentence)
        self.field = field


class NotMade(DomainError):
    """The company could not be made."""


class NotPossible(DomainError):
    """The company is not in the state for this."""
