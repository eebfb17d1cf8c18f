"""What erasure takes from the tables of scoring."""

from consent.domain.eraser import erase_rows
from consent.models import Erasure

TABLES = (
    "scoring_exclusion", "scoring_stalescore", "scoring_pause", "scoring_teamfigureperson", "scoring_score",
    "scoring_weekcount", "scoring_run", "scoring_import",
)  # fmt: skip


def erase_engagement(erasure: Erasure) -> int:
    return erase_rows(erasure, TABLES)
