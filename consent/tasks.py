"""What workers do for consent."""

from datetime import datetime

from django.utils import timezone

from accounts.models import Job
from consent.domain import ledger_exports


def export_ledger(job: Job) -> None:
    """Write an export; its domain ends the job itself, together with what it wrote."""
    ledger_exports.write_export(job, clock=timezone.now)


def remove_expired_exports(*, at: datetime) -> None:
    """Delete files whose week is over. Called by the tick."""
    ledger_exports.remove_expired(at=at)
