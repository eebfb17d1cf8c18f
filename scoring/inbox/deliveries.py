"""What arrives, what is read of it, and why it can be refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from scoring.states import Act


@dataclass(frozen=True)
class Delivery:
    """One request. `headers`: by name in small letters. `body`: raw, as it was signed."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    at: datetime

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


class Dealing(NamedTuple):
    """Somebody did something towards somebody: by e-mail address, or by what the service calls them."""

    at: datetime
    act: Act
    actor: str
    target: str


@dataclass(frozen=True)
class Told:
    """What one delivery says. `number`: the service's own, the same when it sends it again."""

    number: str
    dealings: list[Dealing] = field(default_factory=list)
    is_private: bool = False


@dataclass(frozen=True)
class Handshake:
    """A question that a service asks before it sends anything: answered, and nothing is counted."""

    answer: str
    content_type: str = "text/plain"


class Refused(Exception):
    """A delivery is not taken in. The text is a sentence for whoever set the service up."""

    status = 400


class NotSigned(Refused):
    """The signature is missing, wrong, or too old."""

    status = 401


class NotUnderstood(Refused):
    """It is signed, but not built as the service builds it."""

    status = 422
