"""One line of the bench's table: ours beside a named peer of the same run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    what: str
    ours: str
    peer: str
    ratio: float | None
    aim: str
