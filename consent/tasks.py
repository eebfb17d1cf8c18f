"""What workers do for consent."""

from datetime import datetime

from consent.domain.approvals_mail import remind_deciders


def remind_of_approvals(*, at: datetime) -> None:
    """Remind those who can decide of deadlines a day ahead. Called by the tick in each open company."""
    remind_deciders(at=at)
