"""What web and worker look at before they begin: unfit surroundings are refused with their reasons."""

from django.core.checks import run_checks
from django.core.management.base import SystemCheckError
from django.db import connections


def refuse_unfit_surroundings() -> None:
    """Run all checks, those of the database too.

    :raises SystemCheckError: with what is wrong and what to do, one after the other
    """
    wrong = [issue for issue in run_checks(databases=["default"]) if issue.is_serious()]
    connections.close_all()  # whoever forks now may not share them
    if wrong:
        raise SystemCheckError("\n".join(str(issue) for issue in wrong))
