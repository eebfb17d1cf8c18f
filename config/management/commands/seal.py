"""Seal every company's ledger, again and again, or `--once`; signs a checkpoint wherever there is something new."""

import logging
import time

from django.core.management import BaseCommand
from django.db import DatabaseError, connection
from django.utils import timezone
from rich.progress import track

from accounts.tenants.context import each_schema, in_public
from accounts.tenants.models import Company, Heartbeat
from config.startup import refuse_unfit_surroundings
from consent.audit.domain.keys import WrongLedgerKey
from consent.audit.domain.sealing import BATCH, seal
from consent.audit.domain.witnessing import submit_to_all

logger = logging.getLogger(__name__)

PAUSE = 3.0  # seconds between rounds: an entry is sealed within 10, in a thousand companies too
PATIENCE = 30.0  # seconds for witnesses at the start; who is not asked by then is asked by the worker, within a minute


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="seal what there is and end")

    def handle(self, *args, once, **options):
        refuse_unfit_surroundings()
        _ask_witnesses()
        if once:
            for schema in each_schema(track(_companies(), "Sealing", transient=True)):
                _seal_all(schema)
            return
        while True:
            _round()
            time.sleep(PAUSE)


def _ask_witnesses() -> None:
    """Before all else: a database that was restored while nothing ran is recognised when things start again."""
    until = time.monotonic() + PATIENCE
    try:
        for schema in each_schema(_companies()):
            if time.monotonic() > until:
                logger.warning("Witnesses from %s on are left to the worker.", schema)
                return
            submit_to_all(at=timezone.now())
    except DatabaseError as error:
        logger.error("Witnesses were not asked: %s", error)  # noqa: TRY400
        connection.close()


def _round() -> None:
    """What fails in one company holds up no other, and what fails today is tried again: nothing is lost by waiting."""
    try:
        with in_public():
            Heartbeat.objects.update_or_create(name="sealer", defaults={"at": timezone.now()})
        for schema in each_schema(_companies()):
            try:
                _seal_all(schema)
            except (DatabaseError, WrongLedgerKey) as error:
                logger.error("The ledger of %s was not sealed: %s", schema, error)  # noqa: TRY400
    except DatabaseError as error:
        logger.error("No ledger was sealed: %s", error)  # noqa: TRY400
        connection.close()


def _seal_all(schema: str) -> None:
    sealed = BATCH
    while sealed == BATCH:
        sealed = seal(at=timezone.now())
        if sealed:
            logger.info("Sealed %s entries of %s.", sealed, schema)


def _companies() -> list[str]:
    with in_public():
        return list(Company.objects.order_by("pk").values_list("schema_name", flat=True))
