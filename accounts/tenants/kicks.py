"""Kicks: asking a worker to look for due work. The work itself stands in our tables.

A kick may run never, once or several times at once; what it starts must bear that.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string
from django_q.tasks import async_task

from accounts.tenants.context import current_schema, in_public, in_schema
from accounts.tenants.models import Company

logger = logging.getLogger(__name__)


def company_task(function: Callable) -> Callable:
    """Mark a function as startable by a kick, inside the company that kicked."""
    function.is_company_task = True
    return function


def kick(task: str, *ids: str) -> None:
    """Ask for `task` (dotted path) in the current company, once the current transaction commits.

    :param ids: texts only, since django-q2 pickles its payload into a table that all companies share
    """
    schema = current_schema()
    if schema == settings.PUBLIC_SCHEMA_NAME:
        raise NoCompany(task)
    with in_public():
        async_task("accounts.tenants.kicks.run", task, schema, *map(str, ids), save=False)


def run(task: str, schema: str, *ids: str) -> None:
    """Run a kicked task in its company. Called by the worker alone."""
    if current_schema() != settings.PUBLIC_SCHEMA_NAME:
        raise LeftBehind(current_schema())
    function = import_string(task)
    if not getattr(function, "is_company_task", False):
        raise NotATask(task)
    if not _is_open(schema):
        return  # What is due stays due, and is found again when the company is open again.
    with in_schema(schema):
        function(*ids)


def _is_open(schema: str) -> bool:
    """Whether a company is open at this moment. Called standing in public."""
    return Company.objects.active().filter(schema_name=schema).exists()


class NoCompany(RuntimeError):
    """A task was kicked outside any company."""


class LeftBehind(RuntimeError):
    """The task before this one left its company on the connection."""


class NotATask(RuntimeError):
    """A kick named a function that is no task."""
