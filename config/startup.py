"""What web and worker look at before they begin: unfit surroundings are refused with their reasons, and a database that
somebody has put back to an earlier day is fenced off before the first page.
"""

from django.conf import settings
from django.core.checks import run_checks
from django.core.management.base import SystemCheckError
from django.db import connections
from django.utils import timezone
from django.utils.module_loading import import_string


def refuse_unfit_surroundings() -> None:
    """Run all checks, those of the database too.

    :raises SystemCheckError: with what is wrong and what to do, one after the other
    """
    _look_round()
    wrong = [issue for issue in run_checks(databases=["default"]) if issue.is_serious()]
    connections.close_all()  # whoever forks now may not share them
    if wrong:
        raise SystemCheckError("\n".join(str(issue) for issue in wrong))


def _look_round() -> None:
    # The web process imports this file before its models are there.
    from accounts.tenants.context import each_schema, in_public  # noqa: PLC0415
    from accounts.tenants.models import Company  # noqa: PLC0415

    with in_public():
        schemas = list(Company.objects.order_by("pk").values_list("schema_name", flat=True))
    for _ in each_schema(schemas):
        for path in settings.AT_START:
            import_string(path)(at=timezone.now())
