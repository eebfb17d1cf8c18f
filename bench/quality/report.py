"""The report: measured, then kept as JSON beside the models and as one page of HTML."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

from django.contrib.staticfiles import finders
from django.template import engines

from accounts.tenants.context import in_schema
from bench.companyful import SCHEMA, fill_company
from bench.quality import engine
from bench.quality.data import Data, all_of
from bench.quality.measures import MEASURES, Finding
from bench.quality.world import World
from scoring.domain.evaluations import EVALUATIONS, Evaluation
from scoring.domain.model_drafts import current_model
from scoring.domain.model_numbers import Numbers

ENGINE_ROWS = (
    ("PostgreSQL beside the plain program", "equal to 1e-9 for everyone"),
    ("A fifth of the people leave, drawn at random", "nobody else’s score changes"),
)
PAGE = Path("docs/evaluation.html")
SHEETS = ("reset", "tokens", "base", "layout", "components", "charts")
Track = Callable[[list[Any]], Iterable[Any]]


def measured(folder: Path, *, steps: Track) -> Evaluation:
    """Measure the model that a company begins with."""
    numbers = _first_model()
    worlds = [World(data, numbers) for data in all_of(folder)]
    found = {(m.what, w.data.name): m.find(w) for m, w in steps([(m, w) for m in MEASURES for w in worlds])}
    rows = [_row(m.what, m.aim, [(w, found[m.what, w.data.name]) for w in worlds], m.note) for m in MEASURES]
    in_database = [(w, engine.measure(w)) for w in steps(worlds)]
    for n, (what, aim) in enumerate(ENGINE_ROWS):
        rows.append(_row(what, aim, [(w, findings[n]) for w, findings in in_database]))
    return Evaluation(
        digest=numbers.digest,
        made_on=datetime.now(UTC).date().isoformat(),
        data=[_told(world) for world in worlds],
        rows=rows,
        charts=[_distribution(world) for world in worlds],
    )


def write(evaluation: Evaluation) -> None:
    path = EVALUATIONS / f"{evaluation.digest}.json"
    path.write_text(json.dumps(asdict(evaluation), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    css = "\n".join(Path(finders.find(f"css/{sheet}.css")).read_text(encoding="utf-8") for sheet in SHEETS)
    template = engines["django"].from_string(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
    PAGE.write_text(template.render({"evaluation": evaluation, "css": css}), encoding="utf-8")


def _first_model() -> Numbers:
    fill_company(people=1, counts=0)
    with in_schema(SCHEMA):
        return Numbers.of(current_model())


def _row(what: str, aim: str, found: list[tuple[World, Finding]], note: str = "") -> dict[str, Any]:
    return {
        "what": what,
        "aim": aim,
        "note": note,
        "found": [{"data": w.data.name, "measured": f.measured, "is_met": f.is_met} for w, f in found],
    }


def _told(world: World) -> dict[str, Any]:
    data: Data = world.data
    scores = [world.score(person, data.last_week) for person in world.people]
    return {
        "name": data.name,
        "origin": data.origin,
        "dealings": len(data.dealings),
        "people": len(world.counts),
        "scored": len(scores),
        "weeks": len(data.weeks),
        "quartiles": [round(value, 2) for value in quantiles(scores)],
    }


def _distribution(world: World) -> dict[str, Any]:
    """How many people have how many points in the last week, in steps of ten."""
    scores = [world.score(person, world.data.last_week) for person in world.people]
    bars = [[f"{low} to {low + 9}", sum(low <= score < low + 10 for score in scores)] for low in range(0, 100, 10)]
    return {"title": f"{world.data.name}: people by score", "bars": bars}
