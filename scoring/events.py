"""What scoring writes into the ledger."""

from dataclasses import dataclass
from typing import ClassVar

from consent.audit.events import Event


@dataclass(frozen=True, slots=True)
class PauseBegun(Event):
    sentence: ClassVar[str] = "A person paused: the half-life’s clock stands still for them."
    pause: int


@dataclass(frozen=True, slots=True)
class PauseEnded(Event):
    sentence: ClassVar[str] = "A person went on after a pause."
    pause: int


@dataclass(frozen=True, slots=True)
class CountsExcluded(Event):
    sentence: ClassVar[str] = "A person left out {counts} of their numbers of the week of {week}."
    week: str
    counts: int


@dataclass(frozen=True, slots=True)
class CountsIncluded(Event):
    sentence: ClassVar[str] = "A person had {counts} of their numbers of the week of {week} counted again."
    week: str
    counts: int


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    sentence: ClassVar[str] = "Scores were worked out for {scope}, as of the week of {week}, with model version {model}."
    run: int
    scope: str
    model: int
    week: str
