"""A model as a small YAML file that people can read, compare and keep: written by us, read with suspicion."""

from collections.abc import Mapping
from typing import Any

import yaml

from accounts.errors import DomainError
from scoring.domain.model_numbers import Numbers
from scoring.states import Kind

LONGEST = 20_000  # characters
NAMES = {kind.name.lower(): kind for kind in Kind}
FIELDS = {"name": str, "reason": str, "half_life_days": int, "minimum_colleagues": int, "terms": dict}
TERM = {"weight", "halfway"}


class NoModelFile(DomainError):
    """The file is no model; the sentence says where and why."""


class _Loader(yaml.SafeLoader):
    """Plain values alone: an alias can make a small file endless, and of a key given twice one would be lost."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            alias: Any = self.peek_event()  # type: ignore[no-untyped-call]
            raise NoModelFile(f"Line {_line(alias)} refers to another place. Write the value itself.")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise NoModelFile(f"Line {_line(key)} says “{str(key.value)[:40]}” for the second time.")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def written(numbers: Numbers, *, name: str, reason: str) -> str:
    """One model as YAML; `read` gives the same numbers back."""
    terms = {Kind(k).name.lower(): {"weight": w, "halfway": h} for k, (w, h) in sorted(numbers.terms.items())}
    told = {
        "name": name,
        "reason": reason,
        "half_life_days": numbers.half_life_days,
        "minimum_colleagues": numbers.minimum_colleagues,
        "terms": terms,
    }
    head = (
        "# A model of the score. Weights add up to 100 points; half-way points are weighed colleagues.\n"
        f"# SHA-256 of its numbers: {numbers.digest}\n"
    )
    return head + yaml.safe_dump(told, sort_keys=False, allow_unicode=True)


def read(text: str) -> tuple[Numbers, str, str]:
    """The numbers, name and reason of a file. Whether the numbers make a model is asked when it is proposed.

    :raises NoModelFile: it is too long, no YAML, or has a field too many, too few, or of another kind
    """
    told = _parsed(text)
    _expect(told, FIELDS, "The file")
    for field, kind in FIELDS.items():
        if type(told[field]) is not kind:
            raise NoModelFile(f"“{field}” must be {_called(kind)}.")
    terms = {_kind(name): _term(name, term) for name, term in told["terms"].items()}
    return Numbers(told["half_life_days"], told["minimum_colleagues"], terms), told["name"][:80], told["reason"]


def _parsed(text: str) -> Mapping[str, Any]:
    if len(text) > LONGEST:
        raise NoModelFile(f"The file is longer than {LONGEST:,} characters. A model takes about twenty lines.")
    try:
        told = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader that refuses more
    except yaml.MarkedYAMLError as wrong:
        raise NoModelFile(f"Line {_line(wrong)} is no YAML: {wrong.problem}.") from wrong
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        raise NoModelFile("The file is no YAML.") from wrong
    if not isinstance(told, dict):
        raise NoModelFile("The file must name its fields: name, reason, half_life_days, minimum_colleagues, terms.")
    return told


def _expect(told: Mapping[str, Any], fields: Mapping[str, Any] | set[str], what: str) -> None:
    if strange := sorted(str(name)[:40] for name in set(told) - set(fields)):
        raise NoModelFile(f"{what} has fields that nobody here knows: {', '.join(strange)}.")
    if missing := sorted(set(fields) - set(told)):
        raise NoModelFile(f"{what} lacks {', '.join(missing)}.")


def _kind(name: str) -> int:
    if name not in NAMES:
        raise NoModelFile(f"No kind is called “{str(name)[:40]}”. There are {', '.join(NAMES)}.")
    return int(NAMES[name])


def _term(name: str, term: Any) -> tuple[int, int]:
    if not isinstance(term, dict):
        raise NoModelFile(f"“{name}” must have a weight and a halfway.")
    _expect(term, TERM, f"“{name}”")
    for field in sorted(TERM):
        if type(term[field]) is not int or abs(term[field]) > 1_000_000:
            raise NoModelFile(f"The {field} of “{name}” must be a whole number.")
    return term["weight"], term["halfway"]


def _called(kind: type) -> str:
    return {int: "a whole number", str: "text", dict: "a list of kinds"}[kind]


def _line(where: Any) -> int:
    mark = getattr(where, "start_mark", None) or where.problem_mark
    return int(mark.line) + 1
