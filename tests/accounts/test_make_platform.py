"""The first operator of an installation comes in by invitation, like everybody else."""

import pytest
from django.core import mail
from django.core.management import call_command

from accounts.models import Invitation
from accounts.tenants.context import in_platform, in_public
from accounts.tenants.models import Company


@pytest.mark.slow
def test_platform_is_made_and_its_operator_invited(committed, owner_connection, mailoutbox):
    owner_connection.execute(
        "DELETE FROM tenants_host USING tenants_company c WHERE c.id = tenant_id AND schema_name = 'platform'"
    )
    owner_connection.execute("DELETE FROM tenants_company WHERE schema_name = 'platform'")
    owner_connection.execute("DROP SCHEMA platform CASCADE")

    call_command("make_platform", operator="Olga@Example.com")

    with in_public():
        assert Company.objects.get(schema_name="platform").host.domain == "localhost"
    with in_platform():
        assert list(Invitation.objects.values_list("email", "roles")) == [("olga@example.com", ["operator"])]
    assert mail.outbox[0].to == ["olga@example.com"]


def test_platform_that_stands_gets_a_further_operator(platform, django_capture_on_commit_callbacks, mailoutbox):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("make_platform", operator="second@example.com")

    assert mail.outbox[0].to == ["second@example.com"]
