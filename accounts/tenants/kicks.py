"""Kicks: asking a worker to look for due work. The work itself stands in our tables.

A kick may run never, once or several times at once; what it starts must bear that.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string
from django_q.tasks import async_task

from accounts.tenants.context import current_schema, in_public, in_schema

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
    with in_schema(schema):
        function(*ids)


class NoCompany(RuntimeError):
    """A task was kicked outside any company."""


class LeftBehind(RuntimeError):
    """The task before this one left its company on the connection."""


class NotATask(RuntimeError):
    """A kick named a function that is no task."""
