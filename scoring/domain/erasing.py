"""What erasure takes from the tables of scoring."""

from consent.domain.eraser import erase_rows
from consent.models import Erasure
from scoring.domain.disputes import take_back_disputes

TABLES = (
    "scoring_sighting", "scoring_handle", "scoring_correction", "scoring_dispute", "scoring_exclusion",
    "scoring_stalescore", "scoring_pause",
    "scoring_teamfigureperson", "scoring_score", "scoring_weekcount", "scoring_run", "scoring_import",
    "scoring_modeldraft", "scoring_inbox", "scoring_previewopened",
    "scoring_preparedness", "scoring_switch", "scoring_biasaudit", "scoring_driftbounds",
)  # fmt: skip


def erase_engagement(erasure: Erasure) -> int:
    take_back_disputes(erasure.person, at=erasure.requested_at)
    return erase_rows(erasure, TABLES)
