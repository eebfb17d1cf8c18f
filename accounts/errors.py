"""The one family of errors that a person may see."""

from dataclasses import dataclass
from typing import ClassVar

from accounts.states import Permission


@dataclass(frozen=True)
class Remedy:
    """The page where whoever has the permission can do something about it."""

    permission: Permission
    page: str
    label: str


class DomainError(Exception):
    """An act was refused. The text is a sentence: what happened, why, and what to do next."""

    status = 409
    title: ClassVar[str] = "This was not done"
    remedy: ClassVar[Remedy | None] = None
