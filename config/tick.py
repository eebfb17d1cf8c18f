"""Once a minute, in a worker: say that it lives, and look in every open company for what is due."""

import logging
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.tenants.context import current_schema, each_schema, in_public
from accounts.tenants.models import Company, Heartbeat

logger = logging.getLogger(__name__)

KICKS = "accounts.tasks.kick_due_jobs"


def tick() -> None:
    """Called by the one schedule that `manage.py work` keeps. May run late, twice, or in two workers at once."""
    at = timezone.now()
    with in_public():
        Heartbeat.objects.update_or_create(name="worker", defaults={"at": at})
        schemas = list(Company.objects.active().order_by("pk").values_list("schema_name", flat=True))
    for schema in each_schema(schemas):
        _tick_here([KICKS, *settings.TICKS_EVERYWHERE], at)
        if schema != settings.PLATFORM_SCHEMA:
            _tick_here(settings.TICKS, at)


def _tick_here(paths: list[str], at: datetime) -> None:
    """What fails in one company, or in one function, holds up no other."""
    for path in paths:
        try:
            import_string(path)(at=at)
        except Exception as error:  # noqa: BLE001
            logger.error("%s failed in %s: %s", path, current_schema(), type(error).__name__)  # noqa: TRY400
