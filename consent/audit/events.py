"""What a ledger event is. Each app declares its own in its `events.py`; all are known here by name."""

import re
from dataclasses import asdict, dataclass
from typing import Any, ClassVar
from uuid import UUID

REGISTRY: dict[str, type["Event"]] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events: a frozen set of opaque ids, numbers and codes, with a sentence for a person.

    Never a name, an address or free text: entries outlive the people they speak of. A text that belongs to the act is
    named in `private`: the ledger then holds a salted commitment, and the text itself can be erased.
    """

    sentence: ClassVar[str]
    private: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Bare super() has no cell here: `slots=True` makes the class a second time.
        super(Event, cls).__init_subclass__(**kwargs)
        REGISTRY[cls.name()] = cls

    @classmethod
    def name(cls) -> str:
        """`consent.grant_made` for GrantMade in consent/events.py."""
        app = cls.__module__.removesuffix(".events").rpartition(".")[2]
        return f"{app}.{re.sub(r'(?<!^)(?=[A-Z])', '_', cls.__name__).lower()}"

    def payload(self) -> dict[str, Any]:
        return {key: str(value) if isinstance(value, UUID) else value for key, value in asdict(self).items()}


def sentence_for(name: str, payload: dict[str, Any]) -> str:
    """Say an entry in words; an event that no code knows any more keeps its name and numbers."""
    event = REGISTRY.get(name)
    if event is None:
        return f"{name}: {payload}"
    return event.sentence.format(**payload | dict.fromkeys(event.private, "(a sealed text)"))


@dataclass(frozen=True, slots=True)
class KeyMade(Event):
    sentence: ClassVar[str] = "The ledger signs with a new key from now on: {vkey}."
    vkey: str


@dataclass(frozen=True, slots=True)
class WitnessAdded(Event):
    sentence: ClassVar[str] = "{witness} witnesses the ledger from now on, with the key {vkey}."
    witness: str
    vkey: str


@dataclass(frozen=True, slots=True)
class WitnessRemoved(Event):
    sentence: ClassVar[str] = "{witness} no longer witnesses the ledger."
    witness: str


@dataclass(frozen=True, slots=True)
class RestoreDetected(Event):
    sentence: ClassVar[str] = (
        "{witness} has signed a ledger of {size_there} entries that this one, of {size_here}, does not lead on from:"
        " it was restored or rewritten. Reading about people stopped (alarm {alarm})."
    )
    alarm: int
    witness: str
    size_there: int
    size_here: int


@dataclass(frozen=True, slots=True)
class RestoreResolved(Event):
    sentence: ClassVar[str] = (
        "An officer looked into what {witness} remembers otherwise (alarm {alarm}), and reading about people goes on:"
        " {reason}"
    )
    private: ClassVar[tuple[str, ...]] = ("reason",)
    alarm: int
    witness: str
    reason: str
