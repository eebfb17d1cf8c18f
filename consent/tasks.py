"""What workers do for consent."""

from datetime import datetime

from django.utils import timezone

from accounts.tenants.kicks import company_task, kick
from consent.audit.domain.witnessing import submit_to_all
from consent.audit.models import Witness


def kick_witnesses(*, at: datetime) -> None:  # noqa: ARG001 - the tick hands it to all
    """Have the ledger witnessed. Called by the tick, which waits for no network."""
    if Witness.objects.asked_by_us().exists():
        kick("consent.tasks.ask_witnesses")


@company_task
def ask_witnesses() -> None:
    """Ask every witness that has an address to sign the newest checkpoint."""
    submit_to_all(at=timezone.now())
