"""What a model was found to do on real data (`make evaluate`): kept by the digest of its numbers, for model cards."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EVALUATIONS = Path(__file__).resolve().parent.parent / "evaluations"


@dataclass(frozen=True)
class Evaluation:
    """`rows`: what, aim, and for each set of data what was measured and whether that is enough (None: reported)."""

    digest: str
    made_on: str
    data: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    charts: list[dict[str, Any]]

    @property
    def missed(self) -> int:
        return sum(found["is_met"] is False for row in self.rows for found in row["found"])


def evaluation_of(digest: str) -> Evaluation | None:
    """None: nobody has measured a model with these numbers."""
    path = EVALUATIONS / f"{digest}.json"
    return Evaluation(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None
