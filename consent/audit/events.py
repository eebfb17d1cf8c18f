"""What a ledger event is. Each app declares its own in its `events.py`; all are known here by name."""

import re
from dataclasses import asdict, dataclass
from typing import Any, ClassVar
from uuid import UUID

REGISTRY: dict[str, type["Event"]] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events: a frozen set of opaque ids, numbers and codes, with a sentence for a person.

    Never a name, an address or free text: entries outlive the people they speak of.
    """

    sentence: ClassVar[str]

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
    return event.sentence.format(**payload) if event else f"{name}: {payload}"
