"""Scoring's chapter of a person's own file: all that their score is made of, and the program that makes it again."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from consent.domain.access_file import ROWS_A_STEP, AccessFile
from scoring.domain import reference
from scoring.domain.explaining import inputs_digest_of
from scoring.domain.runs import last_full_week
from scoring.models import Exclusion, ModelVersion, Pause, Score, StaleScore, WeekCount
from scoring.states import Kind

COUNT = ("week", "kind", "in_words", "source", "colleagues", "counts")
STALE = (
    "Your counts, pauses or exclusions changed since that score was worked out. The next run works it out anew, and"
    " then it is what you see here."
)
STRANGE = "It should be the same. Say so on the page of your score: a human has to answer, with a reason and by a date."


def add_score(file: AccessFile) -> None:
    """Counts, pauses and the model, as the score was worked out from them."""
    file.begin(
        "Your score, and how to work it out again",
        "With these files and any Python from 3.11 on you get the very same score, without us and without a network.",
        steps=["python score/recompute.py"],
    )
    before = _last_score(file)
    file.add_csv("score/counts.csv", "With how many colleagues you dealt, week by week.", COUNT, _counts(file))
    pauses = Pause.objects.filter(person=file.person).order_by("started_on").values_list("started_on", "ended_on")
    file.add_csv("score/pauses.csv", "Days on which your clock stood still.", ("started_on", "ended_on"), pauses)
    told = _told(file, _last_score(file), before)
    file.add("score/model.json", "The model: weights, half-way points, fading.", json.dumps(told, ensure_ascii=False))
    program = Path(reference.__file__).read_text("utf-8")
    file.add("score/recompute.py", "Works your score out from the files beside it.", program)


def _counts(file: AccessFile) -> Iterator[tuple[Any, ...]]:
    """Each number; those that you left out, or of a wording that is no more, do not count."""
    left_out = Exclusion.objects.filter(
        person=OuterRef("person"), grant=OuterRef("grant"), kind=OuterRef("kind"), week=OuterRef("week")
    )
    counts = WeekCount.objects.filter(person=file.person).annotate(
        does_count=Q(grant__purpose_version__is_current=True, week__gte=F("grant__counts_from")) & ~Exists(left_out)
    )
    rows = counts.order_by("week", "grant", "kind").values_list(
        "week", "kind", "grant__source__name", "colleagues", "does_count"
    )
    for week, kind, source, colleagues, does_count in rows.iterator(ROWS_A_STEP):
        yield week, kind, Kind(kind).label, source, colleagues, "yes" if does_count else "no"


def _last_score(file: AccessFile) -> Score | None:
    return Score.objects.filter(person=file.person).select_related("run").order_by("-run_id").first()


def _told(file: AccessFile, score: Score | None, before: Score | None) -> dict[str, Any]:
    """The model of the last score, and that score. A run while the counts were read counts as a change."""
    is_stale = score != before or StaleScore.objects.filter(person=file.person).exists()
    of_score = {"pk": score.run.model_id} if score else {"is_current": True}
    model = ModelVersion.objects.prefetch_related("terms").get(**of_score)
    week: date = score.run.week if score else last_full_week(file.at)
    return {
        "name": str(model),
        "digest": model.digest,
        "week": week.isoformat(),
        "half_life_days": model.half_life_days,
        "minimum_colleagues": model.minimum_colleagues,
        "terms": [
            {"kind": t.kind, "in_words": Kind(t.kind).label, "weight": t.weight, "halfway": t.halfway}
            for t in sorted(model.terms.all(), key=lambda term: term.kind)
        ],
        "score": score
        and {
            "value": score.value,
            "kinds": score.kinds,
            "points": score.points,
            "colleagues": score.colleagues,
            "inputs_digest": inputs_digest_of(score, model.digest),
        },
        "if_it_differs": STALE if is_stale else STRANGE,
        "decay": model.decay,
    }
